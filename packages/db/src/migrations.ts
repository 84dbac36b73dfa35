// The public names of @robaccia/db/migrations.
export type { DataStep, Migration, Operation } from './operation.js'
export type { ForeignKeyState, SchemaState, TableState } from './state.js'
