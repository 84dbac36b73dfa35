// What a database's own catalogue says of its tables, for comparing two databases of one kind: read by other
// queries than the package's own, so that a fault there does not hide one here. The order of columns is left out.
import type { Database } from '@robaccia/db'

export type Fingerprint = Readonly<Record<string, readonly string[]>>

export async function fingerprint(db: Database): Promise<Fingerprint> {
  const parts = await { sqlite, postgres, mysql }[db.dialect](db)
  const tables: Record<string, string[]> = {}
  for (const [table, part] of parts) (tables[table] ??= []).push(part)
  for (const all of Object.values(tables)) all.sort()
  return tables
}

type Parts = readonly (readonly [table: string, part: string])[]
type Row = Readonly<Record<string, unknown>>

async function sqlite({ knex }: Database): Promise<Parts> {
  const parts: [string, string][] = []
  const tables = await knex.raw<Row[]>(
    "select name, sql from sqlite_master where type = 'table' and name not like 'sqlite_%'",
  )
  for (const { name, sql } of tables) {
    const table = String(name)
    const text = String(sql)
    const add = (what: string, rows: readonly Row[]) => {
      for (const { cid: _cid, id: _id, seq: _seq, ...row } of rows) {
        parts.push([table, `${what} ${JSON.stringify(row)}`])
      }
    }
    /* oxlint-disable no-await-in-loop -- one connection */
    add('column', await knex.raw<Row[]>('select * from pragma_table_xinfo(?)', [table]))
    add('reference', await knex.raw<Row[]>('select * from pragma_foreign_key_list(?)', [table]))
    const indexes = await knex.raw<Row[]>(
      'select l.name, l."unique", l.origin, l.partial, group_concat(i.name) as columns from pragma_index_list(?) l join pragma_index_info(l.name) i group by l.name',
      [table],
    )
    /* oxlint-enable no-await-in-loop */
    // SQLite names the indexes of primary keys by their position.
    const named = indexes.map((row) => (row['origin'] === 'c' ? row : { ...row, name: '' }))
    add('index', named)
    for (const [check] of text.matchAll(/check \((?:[^()]|\([^()]*\))*\)/g)) {
      parts.push([table, check])
    }
    if (/autoincrement/i.test(text)) parts.push([table, 'autoincrement'])
  }
  return parts
}

async function postgres({ knex }: Database): Promise<Parts> {
  const { rows } = await knex.raw<{ rows: { t: string; part: string }[] }>(`
    select c.relname as t, concat_ws(' ', 'column', a.attname, format_type(a.atttypid, a.atttypmod),
        a.attnotnull, a.attidentity, pg_get_expr(d.adbin, d.adrelid), co.collname,
        split_part(pg_get_serial_sequence(quote_ident(c.relname), a.attname), '.', 2)) as part
      from pg_class c join pg_attribute a on a.attrelid = c.oid
      left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
      left join pg_collation co on co.oid = a.attcollation
      where c.relkind = 'r' and c.relnamespace = current_schema()::regnamespace
        and a.attnum > 0 and not a.attisdropped
    union all
    select conrelid::regclass::text, concat_ws(' ', conname, pg_get_constraintdef(oid))
      from pg_constraint where connamespace = current_schema()::regnamespace and conrelid <> 0
    union all
    select tablename, indexdef from pg_indexes where schemaname = current_schema()`)
  return rows.map(({ t, part }) => [t.replaceAll('"', ''), part.replaceAll(/robaccia_\w+?\./g, '')])
}

async function mysql({ knex }: Database): Promise<Parts> {
  const [tables = []] = await knex.raw<[Row[]?]>(
    'select table_name as name from information_schema.tables where table_schema = database()',
  )
  const parts: [string, string][] = []
  for (const { name } of tables) {
    const table = String(name)
    // oxlint-disable-next-line no-await-in-loop -- a handful of tables
    const [[made] = []] = await knex.raw<[Row[]?]>('show create table ??', [table])
    for (const line of String(made?.['Create Table']).split('\n')) {
      parts.push([
        table,
        line
          .replace(/,$/, '')
          .replace(/ AUTO_INCREMENT=\d+/, '')
          .trim(),
      ])
    }
  }
  return parts
}
