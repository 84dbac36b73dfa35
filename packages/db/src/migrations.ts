// The public names of @robaccia/db/migrations. What a migration's file imports comes first.
export {
  bigInteger,
  boolean,
  date,
  datetime,
  decimal,
  float,
  increments,
  integer,
  json,
  now,
  randomUuid,
  string,
  text,
  uuid,
} from './kinds.js'
export {
  addColumn,
  addForeignKey,
  addIndex,
  alterColumn,
  changePrimaryKey,
  createTable,
  dropColumn,
  dropForeignKey,
  dropIndex,
  dropTable,
  type ForeignKeyParts,
  type IndexParts,
  renameColumn,
  renameTable,
  runs,
  type TableParts,
} from './steps.js'
export {
  type DataStep,
  describe,
  inverse,
  type Migration,
  type MigrationFile,
  type Operation,
} from './operation.js'
export { apply } from './apply.js'
export { changes } from './changes.js'
export { inOrderOfParents, stateAfter } from './migration-chain.js'
export {
  folderPath,
  loadMigrations,
  migrationFiles,
  type MigrationFolder,
} from './migration-folder.js'
export type { AppliedMigration } from './migration-history.js'
export type { LockOptions } from './migration-lock.js'
export { describeLoss, dropped, type Loss, losses } from './migration-losses.js'
export { migrationName } from './migration-name.js'
export { obstacles } from './migration-obstacles.js'
export { type MigrationLanguage, printMigration } from './migration-printer.js'
export { type Direction, type Run, runOf } from './migration-run.js'
export { migrationSql } from './migration-sql.js'
export { migrationTransaction } from './migration-transaction.js'
export {
  migrate,
  type MigrateOptions,
  migrationStatus,
  type MigrationStatus,
  rollback,
  type RollbackOptions,
  undoneBy,
} from './migrator.js'
export { schemaOf } from './model-state.js'
export { perform, type Progress } from './perform.js'
export type { ForeignKeyState, SchemaState, TableState } from './state.js'
export { statements } from './operation-statements.js'
