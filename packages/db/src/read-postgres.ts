// PostgreSQL's catalogue (https://www.postgresql.org/docs/current/catalogs.html): the tables of the schema that
// new ones are made in, without those that belong to an extension or are a partition of another.
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
import { rawRows } from './raw-rows.js'

const relations = `
  pg_class c join pg_namespace n on n.oid = c.relnamespace and n.nspname = current_schema()
    and not c.relispartition and not exists (
      select from pg_depend d
        where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')`
const ordinary = `c.relkind in ('r', 'p')`

const tables = `
  select c.relname as name, c.relkind::text as kind from ${relations}
    where c.relkind in ('r', 'p', 'v', 'm', 'f') order by c.oid`
const columns = `
  select c.relname as "table", a.attname as name, format_type(a.atttypid, a.atttypmod) as type,
      t.typtype = 'e' as enum, not a.attnotnull as nullable,
      case when a.attgenerated = '' then pg_get_expr(d.adbin, d.adrelid) end as "default",
      a.attidentity::text as identity, a.attgenerated <> '' as generated, l.collname as collation
    from ${relations} join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      join pg_type t on t.oid = a.atttypid
      left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
      left join pg_collation l on l.oid = a.attcollation
    where ${ordinary} order by c.oid, a.attnum`
const indexes = `
  select c.relname as "table", x.relname as name, i.indisunique as unique, i.indisprimary as primary,
      i.indpred is not null as partial, i.indisvalid as valid, m.amname as method, a.attname as column
    from ${relations} join pg_index i on i.indrelid = c.oid join pg_class x on x.oid = i.indexrelid
      join pg_am m on m.oid = x.relam
      cross join lateral unnest(i.indkey::int2[]) with ordinality k (number, place)
      left join pg_attribute a on a.attrelid = c.oid and a.attnum = k.number and k.number > 0
    where ${ordinary} and k.place <= i.indnkeyatts order by c.oid, x.oid, k.place`
const keys = `
  select c.relname as "table", o.conname as name, a.attname as column, b.attname as other,
      case when s.nspname = current_schema() then f.relname else s.nspname || '.' || f.relname end as target,
      o.confdeltype::text as "onDelete", o.confupdtype::text as "onUpdate"
    from ${relations} join pg_constraint o on o.conrelid = c.oid and o.contype = 'f'
      join pg_class f on f.oid = o.confrelid join pg_namespace s on s.oid = f.relnamespace
      cross join lateral unnest(o.conkey, o.confkey) with ordinality k (own, their, place)
      join pg_attribute a on a.attrelid = c.oid and a.attnum = k.own
      join pg_attribute b on b.attrelid = f.oid and b.attnum = k.their
    where ${ordinary} order by c.oid, o.oid, k.place`
const others = `
  select c.relname as "table", 'check' as about,
      coalesce(pg_get_expr(o.conbin, o.conrelid), pg_get_constraintdef(o.oid)) as found, o.oid
    from ${relations} join pg_constraint o on o.conrelid = c.oid and o.contype in ('c', 'x')
  union all
  select c.relname, 'trigger', 'trigger ' || t.tgname, t.oid
    from ${relations} join pg_trigger t on t.tgrelid = c.oid and not t.tgisinternal
  order by 4`

interface ColumnRow extends Pick<FoundColumn, 'table' | 'name' | 'type' | 'nullable' | 'default'> {
  readonly enum: boolean
  readonly identity: '' | 'a' | 'd'
  readonly generated: boolean
  readonly collation: string | null
}
interface IndexRow extends Pick<FoundIndex, 'table' | 'name' | 'unique'> {
  readonly primary: boolean
  readonly partial: boolean
  readonly valid: boolean
  readonly method: string
  readonly column: string | null
}
interface KeyRow extends Pick<FoundKey, 'table' | 'name'> {
  readonly column: string
  readonly other: string
  readonly target: string
  readonly onDelete: string
  readonly onUpdate: string
}

export async function readPostgres(knex: Knex): Promise<Catalogue> {
  const rows = <Row>(sql: string) => rawRows<Row>('postgres', knex, sql)
  const all = await rows<{ readonly name: string; readonly kind: string }>(tables)
  const groups = grouped(await rows<IndexRow>(indexes), partKey)
  return {
    tables: all
      .filter(({ kind }) => kind === 'r' || kind === 'p')
      .map(({ name }) => {
        const primary = groups.find(([row]) => row.table === name && row.primary)
        return { name, primaryKey: primary?.flatMap(({ column }) => column ?? []) ?? [] }
      }),
    columns: (await rows<ColumnRow>(columns)).map(foundColumn),
    indexes: groups.filter(([row]) => !row.primary).map(foundIndex),
    keys: grouped(await rows<KeyRow>(keys), partKey).map(foundKey),
    remarks: [
      ...all.flatMap(({ name, kind }) => unusual(name, kind)),
      ...(await rows<Omit<Remark, 'kept'>>(others)).map(({ table, about, found }) => ({
        table,
        about,
        found,
        kept: false,
      })),
    ],
  }
}

function unusual(table: string, kind: string): readonly Remark[] {
  if (kind === 'v') return [{ table, about: 'view', found: 'a view', kept: false }]
  if (kind === 'm') return [{ table, about: 'view', found: 'a materialized view', kept: false }]
  if (kind === 'f') return [{ table, about: 'table', found: 'a foreign table', kept: false }]
  if (kind === 'p') return [{ table, about: 'table', found: 'partitioned', kept: true }]
  return []
}

function foundColumn(row: ColumnRow): FoundColumn {
  const serial = row.default?.startsWith('nextval(') ?? false
  const counts = row.identity === 'd' ? 'own' : row.identity === 'a' || serial ? 'other' : undefined
  const collated = row.collation !== null && row.collation !== 'C'
  return {
    table: row.table,
    name: row.name,
    type: row.enum ? `enum (${row.type})` : row.type,
    nullable: row.nullable,
    default: serial ? null : row.default,
    ...(counts ? { counts } : {}),
    ...(collated && row.collation !== null ? { collation: row.collation } : {}),
    ...(row.generated ? { generated: true } : {}),
    checks: [],
  }
}

function foundIndex(group: readonly [IndexRow, ...IndexRow[]]): FoundIndex {
  const [{ table, name, unique, partial, valid, method }] = group
  const special = [
    ...(method === 'btree' ? [] : [`by ${method}`]),
    ...(partial ? ['partial'] : []),
    ...(group.some((row) => row.column === null) ? ['on an expression'] : []),
    ...(valid ? [] : ['invalid']),
  ].join(', ')
  const names = group.flatMap((row) => row.column ?? [])
  return { table, name, columns: names, unique, ...(special === '' ? {} : { special }) }
}

const actions: Readonly<Record<string, string>> = {
  a: 'no action',
  r: 'restrict',
  c: 'cascade',
  n: 'set null',
  d: 'set default',
}

function foundKey(group: readonly [KeyRow, ...KeyRow[]]): FoundKey {
  const [{ table, name, target, onDelete, onUpdate }] = group
  return {
    table,
    name,
    columns: group.map((row) => row.column),
    target: { table: target, columns: group.map(({ other }) => other) },
    onDelete: actions[onDelete] ?? onDelete,
    onUpdate: actions[onUpdate] ?? onUpdate,
  }
}
