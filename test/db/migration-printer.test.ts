import { database } from '@robaccia/db'
import * as migrations from '@robaccia/db/migrations'
import {
  addColumn,
  addForeignKey,
  alterColumn,
  apply,
  bigInteger,
  boolean,
  changePrimaryKey,
  changes,
  createTable,
  date,
  decimal,
  dropTable,
  inverse,
  json,
  type MigrationFile,
  printMigration,
  runs,
  schemaOf,
  string,
} from '@robaccia/db/migrations'
import { assert, asyncProperty, jsonValue, property, string as strings } from 'fast-check'
import { format, resolveConfig } from 'prettier'
import { describe, expect, test } from 'vitest'
import { define, type RandomModel, randomModel } from './random-models.js'

const config = await resolveConfig(import.meta.filename)

function randomState(model: RandomModel) {
  return schemaOf(define(database('sqlite::memory:'), model))
}

/** What a file with this source exports. */
function evaluate(source: string): MigrationFile {
  const body = source
    .replace(/^import (?:type )?\{[^]*?\} from '@robaccia\/db\/migrations'$/m, '')
    .replace(/^export const migration: MigrationFile =/m, 'return')
  // oxlint-disable-next-line typescript/no-implied-eval -- it is a file's own source
  const read = new Function(...Object.keys(migrations), body)
  return read(...Object.values(migrations)) as MigrationFile
}

function formatted(source: string): Promise<string> {
  return format(source, { ...config, parser: 'typescript' })
}

const long = 'a_name_as_long_as_names_may_be_with_sixty_three_characters_in_x'

describe('printMigration', () => {
  test('writes columns in the words of a model', () => {
    const db = database('sqlite::memory:')
    const person = db.table('person', { id: migrations.increments(), name: string(50).unique() })
    const entry = db.table('entry', {
      id: string(100).primary(),
      title: string(200),
      author: migrations
        .integer()
        .nullable()
        .references(() => person.id, { onDelete: 'set null' }),
      published: migrations.datetime().default(migrations.now()).index(),
    })
    const operations = changes(new Map(), schemaOf([person, entry]))
    expect(printMigration({ parent: undefined, operations })).toBe(`import {
  createTable,
  datetime,
  increments,
  integer,
  now,
  string,
  type MigrationFile,
} from '@robaccia/db/migrations'

export const migration: MigrationFile = {
  parent: undefined,
  operations: [
    createTable('person', {
      columns: {
        id: increments(),
        name: string(50).unique(),
      },
    }),
    createTable('entry', {
      columns: {
        id: string(100).primary(),
        title: string(200),
        author: integer().nullable(),
        published: datetime().default(now()).index(),
      },
      foreignKeys: [{ column: 'author', target: 'person.id', onDelete: 'set null' }],
    }),
  ],
}
`)
  })

  test('says in JavaScript what its type is', async () => {
    const source = printMigration({ parent: '0001_initial', operations: [] }, 'js')
    expect(source).toContain(
      `/** @type {import('@robaccia/db/migrations').MigrationFile} */\nexport const migration = {`,
    )
    expect(await formatted(source)).toBe(source)
  })

  test('gives for any change a source that means it, and that Prettier leaves as it is', async () => {
    await assert(
      asyncProperty(randomModel, randomModel, async (first, second) => {
        const [from, to] = [randomState(first), randomState(second)]
        const forward = changes(from, to)
        for (const operations of [forward, forward.toReversed().map(inverse)]) {
          const file = { parent: '0001_initial', operations }
          const source = printMigration(file)
          expect(apply(operations === forward ? from : to, evaluate(source).operations)).toEqual(
            apply(operations === forward ? from : to, operations),
          )
          expect(await formatted(source)).toBe(source)
        }
      }),
      { numRuns: 60 },
    )
  }, 60_000)

  test('keeps names, keys and defaults that no model has', async () => {
    const operations = [
      createTable(long, {
        columns: {
          b: string(20).default(`it's "so"`),
          a: string(20).nullable().index().default("it's"),
          [long]: decimal(18, 10).unique().nullable().default('-12345678.0123456789'),
          c: date().default('2026-11-25').nullable(),
          d: bigInteger().default(-9_007_199_254_740_993n),
          e: boolean().default(false),
        },
        primaryKey: ['d', 'b'],
        indexes: [
          { columns: ['a', 'b'], unique: true },
          { columns: ['a'], name: 'by_a' },
          { columns: ['c'], unique: true, name: 'c' },
        ],
        foreignKeys: [
          { column: 'a', target: 'c.d', name: 'a_to_d' },
          { column: long, target: `${long}.${long}`, onDelete: 'set null' },
        ],
      }),
      addColumn(long, long, string(640).default('x'.repeat(80))),
      addColumn(long, long, string(640).nullable().default('x'.repeat(20))),
      alterColumn(long, long, { from: string(3), to: string(4) }),
      alterColumn('entry', long, { from: string(30).default('it'), to: string(40).nullable() }),
      addForeignKey(long, { column: long, target: `${long}.${long}` }),
      changePrimaryKey('entry', { from: [], to: [long, long.slice(1)] }),
    ]
    const source = printMigration({ parent: long, operations })
    expect(evaluate(source)).toEqual({ parent: long, operations })
    expect(await formatted(source)).toBe(source)
  })

  test.each([
    [[addColumn('entry', 'a', string(9))]],
    [[addColumn('entry', 'a', string(9)), addColumn('entry', 'b', string(9).nullable())]],
    [[changePrimaryKey('entry', { from: ['a'], to: ['b'] })]],
    [[addForeignKey('entry', { column: 'a', target: 'b.a' })]],
    [[dropTable('entry', { columns: { a: string(9) } })]],
  ])('leaves few operations on one line where Prettier does: %#', async (operations) => {
    const source = printMigration({ parent: undefined, operations })
    expect(await formatted(source)).toBe(source)
  })

  test('writes any default that JSON can say', async () => {
    await assert(
      asyncProperty(jsonValue({ maxDepth: 2 }), async (value) => {
        if (value === null) return
        const operations = [addColumn('entry', 'tags', json().default(value))]
        const source = printMigration({ parent: undefined, operations })
        expect(evaluate(source).operations).toEqual(operations)
      }),
      { numRuns: 200 },
    )
  })

  test('writes any text', () => {
    assert(
      property(strings({ unit: 'binary' }), (value) => {
        if (/\p{Cs}|\0/u.test(value)) return
        const operations = [addColumn('entry', 'author', migrations.text().default(value))]
        expect(evaluate(printMigration({ parent: value, operations }))).toEqual({
          parent: value,
          operations,
        })
      }),
      { numRuns: 200 },
    )
  })

  test('refuses a data step', () => {
    const operations = [
      runs(
        () => {},
        () => {},
      ),
    ]
    expect(() => printMigration({ parent: undefined, operations })).toThrow(
      'a migration to print must have no data step, got runs()',
    )
  })
})

describe('the operations of a migration', () => {
  test('refuse what other operations are for', () => {
    const db = database('sqlite::memory:')
    const other = db.table('other', { id: string(9).primary() })
    expect(() => addColumn('entry', 'a', string(9).index())).toThrow(
      'entry.a must leave primary(), index() and unique() to changePrimaryKey() and addIndex()',
    )
    expect(() =>
      addColumn(
        'entry',
        'a',
        string(9).references(() => other.id),
      ),
    ).toThrow('entry.a must leave references() to foreignKeys or addForeignKey()')
    expect(() => dropTable('entry', { columns: { a: string(9).was('b') } })).toThrow(
      'entry.a must leave was() to renameColumn()',
    )
    expect(() => addForeignKey('entry', { column: 'a', target: 'other' })).toThrow(
      'the target of entry.a must be a table and a column like entry.id, got "other"',
    )
    expect(() => runs(() => {}, undefined as never)).toThrow(
      'down of runs() must be a function, got undefined',
    )
  })
})
