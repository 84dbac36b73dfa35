// The public names of @robaccia/db.
export { database, type Database } from './database.js'
export {
  type AnyColumn,
  bigInteger,
  boolean,
  Column,
  type ColumnDefinition,
  type Computed,
  date,
  datetime,
  decimal,
  float,
  increments,
  integer,
  json,
  type Kind,
  now,
  type OnDelete,
  randomUuid,
  string,
  text,
  uuid,
} from './column.js'
export type {
  AnyTable,
  Columns,
  Index,
  Insert,
  Row,
  TableDefinition,
  Update,
} from './definition.js'
export { DatabaseError, UniqueViolation } from './errors.js'
export type { DeleteQuery, UpdateQuery } from './change.js'
export type { Group, Operator } from './conditions.js'
export type { InsertQuery } from './insert.js'
export type { Query } from './query.js'
export type { SelectQuery } from './select.js'
export type { Dialect } from './storage.js'
export type { Table } from './table.js'
