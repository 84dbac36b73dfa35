// Selects whose SQL is made once. Knex takes longer to make it than SQLite to answer. A select is known again by its
// shape, which is all that it is made of but the values of its parameters; and where each of those goes is found by
// building it once with marks in their place. So no change of what a select says can get the SQL of another.
import type { Knex } from 'knex'
import { LRUCache } from 'lru-cache'
import { type Context, type Parameter, withValues } from './clause.js'
import { Shapes } from './shape.js'
import type { RawRow } from './selection.js'
import type { Stored } from './storage.js'

/** The most shapes that are kept, and the most characters of them and of their SQL. */
const most = { shapes: 1000, characters: 4_000_000 }
/** A select with more is made anew each time: its values are a list of some length. */
const mostParameters = 50

/** Makes a row of what the driver gives. */
export type Read = (raw: RawRow) => unknown

/** What a select is asked for. */
export interface SelectSource {
  build(context: Context): Knex.QueryBuilder
  reader(): Read
}

interface Compiled {
  readonly sql: string
  readonly read: Read
  /** What is bound: the number of a parameter, or a constant. */
  readonly bindings: readonly (number | { readonly constant: unknown })[]
}

/** What Knex sends, as its events tell it. */
interface Sent {
  readonly __knexQueryUid: string
  readonly sql: string
  readonly bindings: readonly unknown[]
  readonly method: 'select'
  readonly options: object
}

export class CompiledSelects {
  readonly #shapes = new Shapes()
  readonly #cache = new LRUCache<string, Compiled>({
    max: most.shapes,
    maxSize: most.characters,
    sizeCalculation: ({ sql }, shape) => sql.length + shape.length,
  })
  #sent = 0

  /** Says that an object never changes: see `Shapes`. */
  fix(object: object): void {
    this.#shapes.fix(object)
  }

  /**
   * The rows of a select.
   *
   * @param plan all that `source` builds from and reads by
   */
  async run(knex: Knex, plan: object, source: SelectSource): Promise<unknown[]> {
    const { text, parameters } = this.#shapes.of(plan)
    const compiled =
      parameters.length > mostParameters
        ? undefined
        : (this.#cache.get(text) ?? this.#compile(text, parameters, knex, source))
    if (!compiled) {
      const rows: RawRow[] = await source.build(withValues(knex))
      return rows.map(source.reader())
    }
    const bindings = compiled.bindings.map((each) =>
      typeof each === 'number' ? parameters[each]?.value : each.constant,
    )
    return (await this.#send(knex, compiled.sql, bindings)).map(compiled.read)
  }

  /** Undefined where a parameter is not simply bound. */
  #compile(
    shape: string,
    parameters: readonly Parameter[],
    knex: Knex,
    source: SelectSource,
  ): Compiled | undefined {
    const marks = parameters.map(markOf)
    const context = {
      knex,
      valueOf: (parameter: Parameter) => marks[parameters.indexOf(parameter)] ?? '',
    }
    const { sql, bindings: bound } = source.build(context).toSQL()
    const bindings = bound.map((value) => {
      const number = marks.findIndex((mark) => mark === value)
      return number === -1 ? { constant: value } : number
    })
    const areBound = marks.every((_mark, number) => bindings.includes(number))
    if (!areBound || marks.some((mark) => sql.includes(String(mark)))) return undefined
    const compiled = { sql, read: source.reader(), bindings }
    this.#cache.set(shape, compiled)
    return compiled
  }

  /** As Knex's own runner does it, its events included. */
  async #send(knex: Knex, sql: string, bindings: readonly unknown[]): Promise<RawRow[]> {
    const { client } = knex
    const connection: unknown = await client.acquireConnection()
    try {
      const sent: Sent = {
        __knexQueryUid: `compiled-${++this.#sent}`,
        sql,
        bindings,
        method: 'select',
        options: {},
      }
      const rows: RawRow[] = client.processResponse(await client.query(connection, sent))
      client.emit('query-response', rows, sent)
      return rows
    } finally {
      await client.releaseConnection(connection)
    }
  }
}

/** What is nobody's value. It is a number where the parameter is one: a limit must be. */
function markOf({ value }: Parameter, number: number): Stored {
  return typeof value === 'number' ? 2 ** 53 - 1 - number : `\u{E000}parameter ${number}\u{E000}`
}
