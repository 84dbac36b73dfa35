// MySQL's and MariaDB's catalogue: information_schema. Where the two tell a thing differently, both are read.
import type { Knex } from 'knex'
import {
  type Catalogue,
  type FoundColumn,
  type FoundIndex,
  type FoundKey,
  grouped,
  partKey,
  type Remark,
} from './found.js'
import { isJson } from './found-kinds.js'
import { rawRows } from './raw-rows.js'

const here = 'table_schema = database()'
const tables = `
  select table_name as name, table_type as type, engine from information_schema.tables
    where ${here} order by table_name`
const columns = `
  select c.table_name as \`table\`, c.column_name as name, c.column_type as type,
      c.is_nullable as nullable, c.column_default as \`default\`, c.extra, c.collation_name as collation,
      version() as version
    from information_schema.columns c where c.${here} order by c.table_name, c.ordinal_position`
const indexes = `
  select table_name as \`table\`, index_name as name, non_unique as duplicates, sub_part as prefix,
      index_type as method, column_name as \`column\`
    from information_schema.statistics where ${here} order by table_name, index_name, seq_in_index`
const keys = `
  select u.table_name as \`table\`, u.constraint_name as name, u.column_name as \`column\`,
      if(u.referenced_table_schema = database(), u.referenced_table_name,
        concat(u.referenced_table_schema, '.', u.referenced_table_name)) as target,
      u.referenced_column_name as other, lower(r.delete_rule) as onDelete, lower(r.update_rule) as onUpdate
    from information_schema.key_column_usage u join information_schema.referential_constraints r
      on r.constraint_schema = u.constraint_schema and r.constraint_name = u.constraint_name
        and r.table_name = u.table_name
    where u.${here} and u.referenced_table_name is not null
    order by u.table_name, u.constraint_name, u.ordinal_position`
const checks = `
  select t.table_name as \`table\`, k.constraint_name as name, k.check_clause as found
    from information_schema.check_constraints k join information_schema.table_constraints t
      on t.constraint_schema = k.constraint_schema and t.constraint_name = k.constraint_name
    where k.constraint_schema = database() and t.constraint_type = 'CHECK' order by 1, 2`
const triggers = `
  select event_object_table as \`table\`, concat('trigger ', trigger_name) as found
    from information_schema.triggers where trigger_schema = database() order by 1, 2`

interface ColumnRow extends Pick<FoundColumn, 'table' | 'name' | 'type' | 'default'> {
  readonly nullable: 'YES' | 'NO'
  readonly extra: string
  readonly collation: string | null
  readonly version: string
}
interface IndexRow extends Pick<FoundIndex, 'table' | 'name'> {
  readonly duplicates: number
  readonly prefix: number | null
  readonly method: string
  readonly column: string | null
}
interface KeyRow extends Pick<FoundKey, 'table' | 'name' | 'onDelete' | 'onUpdate'> {
  readonly column: string
  readonly target: string
  readonly other: string
}
interface CheckRow {
  readonly table: string
  readonly name: string
  readonly found: string
}

export async function readMysql(knex: Knex): Promise<Catalogue> {
  const rows = <Row>(sql: string) => rawRows<Row>('mysql', knex, sql)
  const all = await rows<{ readonly name: string; readonly type: string }>(tables)
  const ordinary = new Set(all.filter(({ type }) => type === 'BASE TABLE').map(({ name }) => name))
  const groups = grouped(await rows<IndexRow>(indexes), partKey)
  const foundKeys = grouped(await rows<KeyRow>(keys), partKey).map(foundKey)
  const found = await rows<CheckRow>(checks)
  const columnRows = (await rows<ColumnRow>(columns)).filter(({ table }) => ordinary.has(table))
  const foundColumns = columnRows.map((row) => foundColumn(row, found))
  const ofJson = foundColumns.filter(isJson).map((one) => partKey(one))
  return {
    tables: [...ordinary].map((name) => {
      const primary = groups.find(([row]) => row.table === name && row.name === 'PRIMARY')
      return { name, primaryKey: primary?.flatMap((row) => row.column ?? []) ?? [] }
    }),
    columns: foundColumns,
    indexes: groups
      .filter(([row]) => row.name !== 'PRIMARY' && ordinary.has(row.table))
      .map(foundIndex)
      .filter((one) => !foundKeys.some((other) => supports(one, other))),
    keys: foundKeys,
    remarks: [
      ...all
        .filter(({ type }) => type.endsWith('VIEW'))
        .map(({ name }) => remark(name, 'view', 'a view')),
      ...found
        .filter((check) => !ofJson.includes(partKey(check)))
        .map((check) => remark(check.table, 'check', check.found)),
      ...columnRows.flatMap(updates),
      ...(await rows<CheckRow>(triggers)).map((one) => remark(one.table, 'trigger', one.found)),
    ],
  }
}

function remark(table: string, about: Remark['about'], found: string): Remark {
  return { table, about, found, kept: false }
}

/** A moment that the database sets anew with each update of its row. */
function updates({ table, name, extra }: ColumnRow): readonly Remark[] {
  const update = /on update \S+/i.exec(extra)?.[0].toLowerCase()
  if (update === undefined) return []
  return [{ table, column: name, about: 'update', found: update, kept: true }]
}

function foundColumn(row: ColumnRow, found: readonly CheckRow[]): FoundColumn {
  const { table, name, type, extra } = row
  const collated = row.collation !== null && row.collation !== 'utf8mb4_bin'
  // MySQL 8 tells a literal without its quotes, unless it says that it is an expression.
  const isText = !row.version.includes('MariaDB') && !extra.includes('DEFAULT_GENERATED')
  return {
    table,
    name,
    type: type.toLowerCase() === 'json' ? 'json' : type,
    nullable: row.nullable === 'YES',
    default: isText && row.default !== null ? quoted(row.default) : row.default,
    ...(extra.includes('auto_increment') ? { counts: 'own' } : {}),
    ...(collated && row.collation !== null ? { collation: row.collation } : {}),
    ...(/\b(?:VIRTUAL|STORED|PERSISTENT) GENERATED/i.test(extra) ? { generated: true } : {}),
    checks: found.filter((check) => partKey(check) === partKey(row)).map((check) => check.found),
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
}

function foundIndex(group: readonly [IndexRow, ...IndexRow[]]): FoundIndex {
  const [{ table, name, duplicates, method }] = group
  const special = [
    ...(method === 'BTREE' ? [] : [`by ${method.toLowerCase()}`]),
    ...(group.some(({ prefix }) => prefix !== null) ? ['on a prefix'] : []),
    ...(group.some((row) => row.column === null) ? ['on an expression'] : []),
  ].join(', ')
  const names = group.flatMap((row) => row.column ?? [])
  const unique = duplicates === 0
  return { table, name, columns: names, unique, ...(special === '' ? {} : { special }) }
}

/** Whether an index is there because a foreign key needs one (see `keyIndexes`). */
function supports(index: FoundIndex, key: FoundKey): boolean {
  return (
    !index.unique &&
    index.table === key.table &&
    index.name === key.name &&
    index.columns.join() === key.columns.join()
  )
}

function foundKey(group: readonly [KeyRow, ...KeyRow[]]): FoundKey {
  const [{ table, name, target, onDelete, onUpdate }] = group
  return {
    table,
    name,
    columns: group.map((row) => row.column),
    target: { table: target, columns: group.map(({ other }) => other) },
    onDelete,
    onUpdate,
  }
}
