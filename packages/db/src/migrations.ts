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
export { type MigrationLanguage, printMigration } from './migration-printer.js'
export { schemaOf } from './model-state.js'
export type { ForeignKeyState, SchemaState, TableState } from './state.js'
