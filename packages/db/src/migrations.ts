// The public names of @robaccia/db/migrations.
export { apply } from './apply.js'
export { changes } from './changes.js'
export { migrationTransaction } from './migration-transaction.js'
export { schemaOf } from './model-state.js'
export {
  type DataStep,
  describe,
  inverse,
  type Migration,
  type MigrationFile,
  type Operation,
} from './operation.js'
export { perform, type Progress } from './perform.js'
export type { ForeignKeyState, SchemaState, TableState } from './state.js'
export { statements } from './operation-statements.js'
