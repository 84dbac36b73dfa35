// Random models in pairs, where the second may keep, change, rename or drop what the first has. A column's
// name says the family of its kinds, so that a column of the one name can become that of the other.
import {
  type AnyColumn,
  type AnyTable,
  bigInteger,
  boolean,
  type Column,
  type Database,
  date,
  datetime,
  decimal,
  float,
  increments,
  integer,
  json,
  now,
  type OnDelete,
  randomUuid,
  string,
  text,
  uuid,
} from '@robaccia/db'
import { type Arbitrary, constantFrom, gen, integer as integers, nat, subarray } from 'fast-check'

export interface RandomColumn {
  readonly name: string
  readonly was?: string
  readonly kind: string
  readonly nullable: boolean
  readonly default: boolean
  readonly primary: boolean
  readonly index: boolean
  readonly unique: boolean
  readonly references?: { readonly table: string; readonly column: string; onDelete: OnDelete }
}

export interface RandomTable {
  readonly name: string
  readonly was?: string
  readonly columns: readonly RandomColumn[]
}

export type RandomModel = readonly RandomTable[]

// oxlint-disable-next-line typescript/no-explicit-any -- columns of any value
type AnyNewColumn = Column<any, boolean, any>

/** Each kind and size, with a default that suits it. */
const kinds: Readonly<Record<string, () => readonly [AnyNewColumn, unknown]>> = {
  short: () => [string(10), "it's"],
  long: () => [string(40), 'a\\b?'],
  huge: () => [string(700), '100 % "so"'],
  text: () => [text(), 'a text'],
  integer: () => [integer(), 7],
  big: () => [bigInteger(), 9_007_199_254_740_993n],
  increments: () => [increments(), undefined],
  float: () => [float(), 1.5],
  boolean: () => [boolean(), true],
  date: () => [date(), now()],
  day: () => [date(), '2026-11-25'],
  datetime: () => [datetime(), new Date('2026-11-25T10:00:00.123Z')],
  moment: () => [datetime(), now()],
  json: () => [json(), { a: [1, "'"] }],
  uuid: () => [uuid(), 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6'],
  random: () => [uuid(), randomUuid()],
  price: () => [decimal(6, 2), '-19.90'],
  sum: () => [decimal(12, 4), '0.5000'],
}

const families: Readonly<Record<string, readonly string[]>> = {
  s: ['short', 'long', 'huge', 'text'],
  t: ['short', 'long'],
  n: ['integer', 'big'],
  f: ['float'],
  b: ['boolean'],
  d: ['date', 'day'],
  at: ['datetime', 'moment'],
  j: ['json'],
  u: ['uuid', 'random'],
  p: ['price', 'sum'],
}
const unindexable = ['huge', 'text', 'json']

const tableNames = ['a', 'b', 'c', 'd']

/** A model; its old names are those of a model before it. */
export const randomModel: Arbitrary<RandomModel> = gen().map((g) => {
  const yes = (outOf = 2): boolean => g(integers, { min: 1, max: outOf }) === outOf
  const names = g(subarray, tableNames, { minLength: 1, maxLength: 3 })
  const free = tableNames.filter((name) => !names.includes(name))
  const tables = names.map((name) => {
    const was = yes() ? free.pop() : undefined
    const counted = yes(3)
    const columns: RandomColumn[] = counted || yes() ? [key(counted)] : []
    for (const family of g(subarray, Object.keys(families), { minLength: 2, maxLength: 5 })) {
      const kind = g(constantFrom, ...(families[family] ?? []))
      const indexable = !unindexable.includes(kind)
      const primary = indexable && !counted && yes(4)
      const renamed = yes(4)
      columns.push({
        name: renamed ? `${family}_new` : family,
        ...(renamed ? { was: family } : {}),
        kind,
        nullable: !primary && yes(),
        default: yes(),
        primary,
        index: indexable && yes(4),
        unique: indexable && yes(4),
      })
    }
    return { name, ...(was === undefined ? {} : { was }), columns }
  })
  return tables.map((table) => {
    const columns = [...table.columns]
    for (const other of tables) {
      if (!yes()) continue
      const single = other.columns.filter(({ primary }) => primary).length === 1
      const targets = other.columns.filter(
        ({ primary, unique, kind }) => ((primary && single) || unique) && kind !== 'random',
      )
      const target = targets[g(nat, { max: 3 })]
      if (!target) continue
      const kind = target.kind === 'increments' ? 'integer' : target.kind
      const name = `to_${other.name}_${kind}`
      const nullable = yes()
      const onDelete = g(constantFrom, 'restrict', 'cascade', nullable ? 'set null' : 'cascade')
      const references = { table: other.name, column: target.name, onDelete: onDelete as OnDelete }
      const plain = { nullable, default: false, primary: false, unique: yes(4) }
      columns.push({ name, kind, ...plain, index: yes(), references })
    }
    return { ...table, columns }
  })
})

function key(counted: boolean): RandomColumn {
  const plain = { nullable: false, default: false, index: false, unique: false }
  return { name: 'id', kind: counted ? 'increments' : 'integer', primary: true, ...plain }
}

/** Defines the model's tables. */
export function define(db: Database, model: RandomModel): readonly AnyTable[] {
  const made = new Map<string, AnyTable>()
  const target = ({ table, column }: { table: string; column: string }): AnyColumn => {
    const found = made.get(table)?.table.columns.find(({ name }) => name === column)
    if (!found) throw new Error(`no ${table}.${column}`)
    return found
  }
  for (const { name, was, columns } of model) {
    const definitions = columns.map((one) => [one.name, toColumn(one, target)])
    const options = was === undefined ? {} : { was }
    made.set(name, db.table(name, Object.fromEntries(definitions) as never, options))
  }
  return [...made.values()]
}

function toColumn(
  one: RandomColumn,
  target: (references: NonNullable<RandomColumn['references']>) => AnyColumn,
): AnyNewColumn {
  const [plain, value] = kinds[one.kind]?.() ?? [text(), '']
  let made = plain
  if (one.was !== undefined) made = made.was(one.was)
  if (one.primary) made = made.primary()
  if (one.index) made = made.index()
  if (one.unique) made = made.unique()
  if (one.nullable) made = made.nullable()
  if (one.default && value !== undefined) made = made.default(value)
  const { references } = one
  return references ? made.references(() => target(references), references) : made
}
