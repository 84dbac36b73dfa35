// The public names of @robaccia/db.
export { database, type Database } from './database.js'
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
  type AnyColumn,
  Column,
  type ColumnDefinition,
  type ColumnState,
  type Computed,
  type Kind,
  type OnDelete,
} from './column.js'
export type {
  AnyTable,
  Columns,
  Index,
  Insert,
  Row,
  TableDefinition,
  TableOptions,
  Update,
} from './definition.js'
export { DatabaseError, ForeignKeyViolation, MigrationError, UniqueViolation } from './errors.js'
export type { DeleteQuery, UpdateQuery } from './change.js'
export type { Group, Operator } from './conditions.js'
export { getOr404 } from './get-or-404.js'
export type { InsertQuery } from './insert.js'
export type { DatabaseOptions, SlowQuery } from './options.js'
export { page, type Page, type PageOptions } from './page.js'
export type { Query } from './query.js'
export { many, one, type Many, type One } from './relations.js'
export type { SelectQuery } from './select.js'
export type { Dialect } from './storage.js'
export type { Table } from './table.js'
