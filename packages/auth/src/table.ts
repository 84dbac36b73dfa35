// Sessions in a table of the app's own database.
import {
  type Column,
  type Database,
  datetime,
  integer,
  string,
  type Table,
  text,
} from '@robaccia/db'
import { positive } from './limit.js'
import type { SessionRecord, SessionStore } from './session-store.js'

/** The table of sessions. */
export type SessionTable = Table<
  'session',
  {
    readonly id: Column<string, false, 'string'>
    readonly data: Column<string, false, 'text'>
    readonly version: Column<number, false, 'integer'>
    readonly created: Column<Date, false, 'datetime'>
    readonly expires: Column<Date, false, 'datetime'>
  }
>

/** Defines the table, named `session`: an app exports it from its model. */
export function sessionTable(db: Database): SessionTable {
  return db.table('session', {
    // A SHA-256 in base64url.
    id: string(43).primary(),
    data: text(),
    version: integer(),
    created: datetime(),
    expires: datetime().index(),
  })
}

export interface TableStoreOptions {
  /** Milliseconds after which those that have ended are deleted again, by who logs in next: 10 minutes unless given. */
  readonly sweep?: number
}

const TEN_MINUTES = 10 * 60 * 1000

/** As many requests of one session may change it at once; each round one of them gets through. */
const MOST_ROUNDS = 100

/**
 * Keeps sessions in a table. Put `sessions` outside of `atomic`: what becomes of a session is not the transaction's.
 *
 * @throws TypeError for a time that is none
 *
 * @example
 * // model.ts
 * export const session = sessionTable(db)
 * // urls.ts
 * sessions({ secret, store: tableStore(session) })
 */
export function tableStore(
  table: SessionTable,
  { sweep = TEN_MINUTES }: TableStoreOptions = {},
): SessionStore {
  positive('tableStore: sweep', sweep)
  let swept = 0

  async function sweepAway(): Promise<void> {
    if (Date.now() - swept < sweep) return
    swept = Date.now()
    await table.delete().where('expires', '<', new Date())
  }

  return {
    async read(id) {
      const row = await table.select('data', 'created', 'expires').where({ id }).first()
      if (row === undefined || row.expires.getTime() <= Date.now()) return undefined
      const values = valuesOf(row.data)
      return { values, created: row.created.getTime(), expires: row.expires.getTime() }
    },
    async create(id, { values, created, expires }) {
      await sweepAway()
      await table.insert({
        id,
        data: JSON.stringify(values),
        version: 1,
        created: new Date(created),
        expires: new Date(expires),
      })
    },
    async update(id, { set, deleted, expires }) {
      const gone = new Set(deleted)
      for (let round = 0; round < MOST_ROUNDS; round++) {
        // One round after the other: each looks at what the one before has lost to.
        // oxlint-disable no-await-in-loop
        const row = await table.select('data', 'version').where({ id }).first()
        if (row === undefined) return false
        const kept = Object.entries(valuesOf(row.data)).filter(([key]) => !gone.has(key))
        const data = JSON.stringify({ ...Object.fromEntries(kept), ...set })
        const changed = { data, version: row.version + 1, expires: new Date(expires) }
        const saved = await table.update(changed).where({ id, version: row.version })
        if (saved > 0) return true
        // oxlint-enable no-await-in-loop
      }
      throw new Error(
        `a session must be saved in ${MOST_ROUNDS} rounds, but others change it all the time, or tableStore is used inside a transaction`,
      )
    },
    async delete(id) {
      await table.delete().where({ id })
    },
  }
}

/** Only this store writes them. */
function valuesOf(data: string): SessionRecord['values'] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return JSON.parse(data) as SessionRecord['values']
}
