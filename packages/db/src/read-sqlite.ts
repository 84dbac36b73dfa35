// SQLite's catalogue: its pragmas as tables (https://sqlite.org/pragma.html), and the text of `create table`.
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
import { constraintName } from './names.js'
import { rawRows } from './raw-rows.js'
import { readTableText, type TableText } from './sqlite-definition.js'

const tables = `
  select l.name, l.type, m.sql, l.wr as rowless from pragma_table_list l
    left join sqlite_master m on m.name = l.name and m.type in ('table', 'view')
    where l.schema = 'main' and l.name not like 'sqlite\\_%' escape '\\' order by m.rowid`
const from = `from sqlite_master m join`
const where = `where m.type = 'table'`
const columns = `
  select m.name as "table", c.name, c.type, c."notnull" as required, c.dflt_value as "default", c.pk, c.hidden
    ${from} pragma_table_xinfo(m.name) c ${where} order by m.rowid, c.cid`
const indexes = `
  select m.name as "table", i.name, i."unique", i.origin, i.partial, c.name as column, c.coll
    ${from} pragma_index_list(m.name) i join pragma_index_xinfo(i.name) c
    ${where} and c.key order by m.rowid, i.seq desc, c.seqno`
const keys = `
  select m.name as "table", k.id, k."table" as target, k."from" as column, k."to" as other,
      lower(k.on_delete) as onDelete, lower(k.on_update) as onUpdate
    ${from} pragma_foreign_key_list(m.name) k ${where} order by m.rowid, k.id desc, k.seq`
const triggers = `
  select tbl_name as "table", 'trigger' as about, 'trigger ' || name as found, 0 as kept
    from sqlite_master where type = 'trigger' order by rowid`

interface TableRow {
  readonly name: string
  readonly type: 'table' | 'view' | 'virtual' | 'shadow'
  readonly sql: string | null
  readonly rowless: number
}
interface ColumnRow {
  readonly table: string
  readonly name: string
  readonly type: string
  readonly required: number
  readonly default: string | null
  readonly pk: number
  readonly hidden: number
}
interface IndexRow {
  readonly table: string
  readonly name: string
  readonly unique: number
  readonly origin: 'c' | 'u' | 'pk'
  readonly partial: number
  readonly column: string | null
  readonly coll: string
}
interface KeyRow extends Pick<FoundKey, 'table' | 'onDelete' | 'onUpdate'> {
  readonly id: number
  readonly target: string
  readonly column: string
  readonly other: string | null
}

export async function readSqlite(knex: Knex): Promise<Catalogue> {
  const rows = <Row>(sql: string) => rawRows<Row>('sqlite', knex, sql)
  const all = await rows<TableRow>(tables)
  const ordinary = all.filter(({ type }) => type === 'table')
  const texts = new Map(ordinary.map(({ name, sql }) => [name, readTableText(sql ?? '')]))
  const columnRows = (await rows<ColumnRow>(columns)).filter(({ table }) => texts.has(table))
  const keyOf = (table: string) =>
    columnRows
      .filter((row) => row.table === table && row.pk > 0)
      .toSorted((one, other) => one.pk - other.pk)
      .map(({ name }) => name)
  const found = ordinary.map(({ name }) => ({ name, primaryKey: keyOf(name) }))
  const rowless = new Set(ordinary.filter((each) => each.rowless === 1).map(({ name }) => name))
  return {
    tables: found,
    columns: columnRows.map((row) => {
      const alone = row.pk > 0 && keyOf(row.table).length === 1 && !rowless.has(row.table)
      return foundColumn(row, texts.get(row.table), alone)
    }),
    indexes: grouped(await rows<IndexRow>(indexes), partKey)
      .filter(([{ table, origin }]) => texts.has(table) && origin !== 'pk')
      .map(foundIndex),
    keys: grouped(await rows<KeyRow>(keys), ({ table, id }) =>
      partKey({ table, name: `${id}` }),
    ).map((group) => foundKey(group, found)),
    remarks: [
      ...all.flatMap(unusual),
      ...[...texts].flatMap(([table, { checks }]) =>
        checks.map((check): Remark => ({ table, about: 'check', found: check, kept: false })),
      ),
      ...(await rows<Remark>(triggers)).map((remark) => ({ ...remark, kept: false })),
    ],
  }
}

function unusual({ name, type }: TableRow): readonly Remark[] {
  if (type === 'view') return [{ table: name, about: 'view', found: 'a view', kept: false }]
  if (type !== 'virtual') return []
  return [{ table: name, about: 'table', found: 'a virtual table', kept: false }]
}

function foundColumn(row: ColumnRow, text: TableText | undefined, aloneKey: boolean): FoundColumn {
  const said = text?.columns.get(row.name.toLowerCase())
  const checks = said?.checks ?? []
  // It stands for the rowid, which counts up in any case, but without `autoincrement` may give a number again
  // (https://sqlite.org/lang_createtable.html#rowid). With our check it is an `integer()`.
  const isRowid = aloneKey && row.type.toLowerCase() === 'integer'
  const counts = isRowid && checks.length === 0
  const collation = said?.collation?.toLowerCase()
  return {
    table: row.table,
    name: row.name,
    type: row.type.toLowerCase(),
    nullable: row.required === 0 && !isRowid,
    default: row.default,
    ...(counts ? { counts: said?.autoincrement ? 'own' : 'other' } : {}),
    ...(collation === undefined || collation === 'binary' ? {} : { collation }),
    ...(row.hidden > 1 ? { generated: true } : {}),
    checks,
  }
}

function foundIndex(group: readonly [IndexRow, ...IndexRow[]]): FoundIndex {
  const [{ table, name, unique, partial }] = group
  const special =
    partial === 1
      ? 'partial'
      : group.some((row) => row.column === null)
        ? 'on an expression'
        : undefined
  return {
    table,
    name,
    columns: group.flatMap((row) => row.column ?? []),
    unique: unique === 1,
    ...(special === undefined ? {} : { special }),
  }
}

/**
 * A key that names no columns refers to the primary key. Its name is always the one that ours would have: SQLite
 * goes by none, and keeps the old one in the text when a table or a column is renamed.
 */
function foundKey(group: readonly [KeyRow, ...KeyRow[]], found: Catalogue['tables']): FoundKey {
  const [{ table, target, onDelete, onUpdate }] = group
  const names = group.map((row) => row.column)
  const other = found.find(({ name }) => name.toLowerCase() === target.toLowerCase())
  return {
    table,
    name: constraintName(table, names, 'foreign'),
    columns: names,
    target: {
      table: other?.name ?? target,
      columns: group.map((row, at) => row.other ?? other?.primaryKey[at] ?? ''),
    },
    onDelete,
    onUpdate,
  }
}
