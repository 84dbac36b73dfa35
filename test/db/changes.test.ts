import { database, increments, integer, string, text } from '@robaccia/db'
import {
  apply,
  changes,
  describe as inWords,
  inverse,
  type Operation,
  schemaOf,
  type SchemaState,
} from '@robaccia/db/migrations'
import { assert, property } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { define, type RandomModel, randomModel } from './random-models.js'

type Columns = Readonly<Record<string, object>>
type Tables = Readonly<Record<string, Columns | readonly [Columns, { readonly was: string }]>>

function state(tables: Tables): SchemaState {
  const db = database('sqlite::memory:')
  return schemaOf(
    Object.entries(tables).map(([name, given]) =>
      Array.isArray(given)
        ? db.table(name, given[0] as never, given[1] as never)
        : db.table(name, given as never),
    ),
  )
}

function randomState(model: RandomModel): SchemaState {
  return schemaOf(define(database('sqlite::memory:'), model))
}

/** A state without old names, its columns in the order of their names. */
function shape(given: SchemaState) {
  const byName = (all: readonly { readonly name: string }[]) =>
    all.toSorted((one, other) => (one.name < other.name ? -1 : 1))
  return byName([...given.values()]).map((one) => {
    const { was: _was, ...table } = given.get(one.name) ?? { columns: [], was: '' }
    return {
      ...table,
      columns: byName(table.columns.map(({ was: _old, ...column }) => column)),
      ...('indexes' in table
        ? { indexes: byName(table.indexes), foreignKeys: byName(table.foreignKeys) }
        : {}),
    }
  })
}

const words = (operations: readonly Operation[]) => operations.map(inWords)

describe('changes', () => {
  test('leads from any model to any other, and its inverses back', () => {
    assert(
      property(randomModel, randomModel, (first, second) => {
        const [from, to] = [randomState(first), randomState(second)]
        const operations = changes(from, to)
        const after = apply(from, operations)
        expect(shape(after)).toEqual(shape(to))
        expect(changes(after, to)).toEqual([])
        expect(shape(apply(after, operations.toReversed().map(inverse)))).toEqual(shape(from))
      }),
      { numRuns: 300 },
    )
  })

  test('renames a table and a column that say their old names, once', () => {
    const before = state({ entry: { id: increments(), titel: string(9).index() } })
    const after = state({
      post: [{ id: increments(), title: string(9).index().was('titel') }, { was: 'entry' }],
    })
    const operations = changes(before, after)
    expect(words(operations)).toEqual([
      'rename table entry to post',
      'rename column post.titel to title',
    ])
    expect(apply(before, operations).get('post')?.indexes).toMatchObject([
      { name: 'post_title_index', columns: ['title'] },
    ])
    expect(changes(apply(before, operations), after)).toEqual([])
  })

  test('ignores an old name that nothing has any more', () => {
    const after = state({ post: [{ id: increments(), n: integer().was('m') }, { was: 'entry' }] })
    expect(words(changes(new Map(), after))).toEqual(['create table post'])
  })

  test('makes tables in the order of their references, and closes a cycle afterwards', () => {
    const db = database('sqlite::memory:')
    const one = db.table('one', { id: increments(), other: integer().references(() => two.id) })
    const two: { readonly id: never; readonly table: never } = db.table('two', {
      id: increments(),
      other: integer().references((): never => one.id as never),
    }) as never
    const cycle = schemaOf([one, two])
    expect(words(changes(new Map(), cycle))).toEqual([
      'create table two',
      'create table one',
      'add foreign key two_other_foreign',
    ])
    expect(words(changes(cycle, new Map()))).toEqual([
      'drop foreign key two_other_foreign',
      'drop table one',
      'drop table two',
    ])
  })

  test('adds before it drops, so that a data step may be put between', () => {
    const before = state({ entry: { id: increments(), name: string(9) } })
    const after = state({ entry: { id: increments(), first: string(9), last: string(9) } })
    expect(words(changes(before, after))).toEqual([
      'add column entry.first',
      'add column entry.last',
      'drop column entry.name',
    ])
  })

  test('a column whose name changes only in case is dropped before it is added', () => {
    const before = state({ entry: { id: increments(), Name: string(9) } })
    const after = state({ entry: { id: increments(), name: string(9) } })
    expect(words(changes(before, after))).toEqual([
      'drop column entry.Name',
      'add column entry.name',
    ])
  })

  test('a kind that can not become the other is refused with what to do', () => {
    const before = state({ entry: { id: increments(), n: text() } })
    const after = state({ entry: { id: increments(), n: integer() } })
    expect(() => changes(before, after)).toThrow(
      new TypeError(
        'alter column entry.n: entry.n must stay a text() or become a string(), got integer(): give the new column another name, and fill it from the old one',
      ),
    )
  })
})

describe('apply', () => {
  const before = state({ entry: { id: increments(), title: string(9) } })
  const column = { table: 'entry', name: 'title', kind: 'string', length: 10, nullable: false }

  test.each([
    [
      { type: 'renameTable', from: 'entri', to: 'post' },
      'rename table entri to post: a table must be one of entry, got entri',
    ],
    [
      { type: 'renameTable', from: 'entry', to: 'entry' },
      'rename table entry to entry: table entry must not be there already',
    ],
    [
      { type: 'renameColumn', table: 'entry', from: 'titel', to: 'x' },
      'rename column entry.titel to x: a column of entry must be one of id, title, got "titel"',
    ],
    [
      { type: 'renameColumn', table: 'entry', from: 'title', to: 'ID' },
      'rename column entry.title to ID: a column name of entry must be there once, whatever its case, got ID twice',
    ],
    [
      { type: 'dropColumn', table: 'entry', column },
      'drop column entry.title: column entry.title must be as the operation says, got another',
    ],
    [
      { type: 'dropIndex', table: 'entry', index: { name: 'i', columns: ['id'], unique: false } },
      'drop index i: an index of entry must be one of none at all, got i',
    ],
    [
      {
        type: 'addForeignKey',
        table: 'entry',
        key: {
          name: 'f',
          column: 'id',
          target: { table: 'gone', column: 'id' },
          onDelete: 'cascade',
        },
      },
      'add foreign key f: entry.id must refer to a column that is there, got gone.id',
    ],
  ] as readonly (readonly [Operation, string])[])('refuses %o', (operation, message) => {
    expect(() => apply(before, [operation])).toThrow(new TypeError(message))
  })
})

describe('schemaOf', () => {
  test.each([
    [
      { entry: { id: increments(), title: string(9).was('id') } },
      'the old name of entry.title must not be in the model any more, got "id"',
    ],
    [
      { entry: { a: integer().was('n'), b: integer().was('n') } },
      'the old name n must be that of one column of entry, got a and b',
    ],
    [
      { entry: { id: increments() }, post: [{ id: increments() }, { was: 'entry' }] },
      'the old name of post must not be in the model any more, got "entry"',
    ],
    [
      { a: [{ id: increments() }, { was: 'c' }], b: [{ id: increments() }, { was: 'c' }] },
      'the old name c must be that of one table, got a and b',
    ],
  ] as readonly (readonly [Tables, string])[])('refuses old names: %o', (tables, message) => {
    expect(() => state(tables)).toThrow(new TypeError(message))
  })
})
