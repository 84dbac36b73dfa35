// How a request's session comes out of the store, and goes back into it.
import type { Environ, HeaderList } from '@robaccia/core'
import { positive } from './limit.js'
import { type Changes, RequestSession, type Loaded } from './session.js'
import { type Carried, hashOf, newId, type SessionCookie } from './session-cookie.js'
import type { SessionRecord, SessionStore } from './session-store.js'
import type { User } from './user.js'

export interface LifeOptions {
  readonly store: SessionStore
  readonly cookie: SessionCookie
  readonly idle: number
  readonly absolute: number
  readonly persistent: boolean
  readonly limit: number
  readonly reload:
    ((user: User, environ: Environ) => User | undefined | Promise<User | undefined>) | undefined
}

/** A session that was found. */
interface Found {
  readonly carried: Carried
  readonly hash: string
  readonly record: SessionRecord
}

export class SessionLife {
  readonly session: RequestSession
  readonly #options: LifeOptions
  readonly #environ: Environ
  readonly #found: Found | undefined

  private constructor(
    options: LifeOptions,
    environ: Environ,
    found: Found | undefined,
    loaded: Loaded,
  ) {
    this.#options = options
    this.#environ = environ
    this.#found = found
    this.session = new RequestSession(loaded)
  }

  /** Whether there is one already. */
  get exists(): boolean {
    return this.#found !== undefined
  }

  /** Asks the store, if the request brings an id that is ours. Who brings none costs nothing. */
  static async begin(options: LifeOptions, environ: Environ): Promise<SessionLife> {
    try {
      const found = await find(options, environ)
      return new SessionLife(options, environ, found, { values: found?.record.values ?? {} })
    } catch (failure) {
      // Pages that don't ask for the session do without the store.
      return new SessionLife(options, environ, undefined, { values: {}, failure })
    }
  }

  /** Saves what was changed. Gives the headers to add. @throws what the store throws */
  async save(): Promise<HeaderList> {
    const { changes } = this.session
    const headers = await this.#store(changes)
    return headers.map((value) => ['set-cookie', value] as const)
  }

  async #store(changes: Changes): Promise<string[]> {
    const { store, cookie, persistent } = this.#options
    const found = this.#found
    if (found !== undefined && !changes.renewed) {
      await this.#update(found, changes)
      const { id, old } = found.carried
      if (!old || !this.session.touched) return []
      return [
        cookie.set(this.#environ, id, persistent ? this.#age(found.record.created) : undefined),
      ]
    }
    const values = await this.#whole(changes)
    if (Object.keys(values).length === 0) {
      if (found === undefined) return []
      await store.delete(found.hash)
      return [cookie.clear(this.#environ)]
    }
    const now = Date.now()
    const kept = found !== undefined && !changes.begun && !changes.cleared
    const created = kept ? found.record.created : now
    const id = newId()
    await store.create(hashOf(id), { values, created, expires: this.#expires(created) })
    // Only now: if that failed, the visitor would have none.
    if (found !== undefined) await store.delete(found.hash)
    return [cookie.set(this.#environ, id, persistent ? this.#age(created) : undefined)]
  }

  async #update({ hash, record }: Found, { values }: Changes): Promise<void> {
    const { store, idle } = this.#options
    const expires = this.#expires(record.created)
    // That it is in use is written down once in a tenth of the idle time, and not with each request.
    if (values.size === 0 && expires - record.expires < idle / 10) return
    const set = Object.fromEntries([...values].filter((pair) => isSet(pair)))
    const deleted = [...values].filter((pair) => !isSet(pair)).map(([key]) => key)
    assertSize({ ...record.values, ...set }, this.#options.limit)
    await store.update(hash, { set, deleted, expires })
  }

  /** All that the session holds under its new id: also what other requests have changed meanwhile. */
  async #whole({ values, cleared }: Changes): Promise<Record<string, string>> {
    const { store, limit } = this.#options
    const before =
      this.#found === undefined || cleared ? undefined : await store.read(this.#found.hash)
    const all = new Map(Object.entries(before?.values ?? {}))
    for (const [key, json] of values) {
      if (json === undefined) all.delete(key)
      else all.set(key, json)
    }
    const whole = Object.fromEntries(all)
    assertSize(whole, limit)
    return whole
  }

  #expires(created: number): number {
    const { idle, absolute } = this.#options
    return Math.min(Date.now() + idle, created + absolute)
  }

  #age(created: number): number {
    return Math.max(1, Math.ceil((created + this.#options.absolute - Date.now()) / 1000))
  }
}

async function find(options: LifeOptions, environ: Environ): Promise<Found | undefined> {
  const { store, cookie, absolute, reload } = options
  const carried = cookie.read(environ)
  if (carried === undefined) return undefined
  const hash = hashOf(carried.id)
  const record = await store.read(hash)
  const now = Date.now()
  if (record === undefined || record.expires <= now || record.created + absolute <= now) {
    return undefined
  }
  const user = new RequestSession({ values: record.values }).known
  if (user === undefined || reload === undefined) return { carried, hash, record }
  const current = await reload(user, environ)
  if (current === undefined) {
    await store.delete(hash)
    return undefined
  }
  const values = { ...record.values, 'auth.user': JSON.stringify(current) }
  return { carried, hash, record: { ...record, values } }
}

function isSet(pair: readonly [string, string | undefined]): pair is readonly [string, string] {
  return pair[1] !== undefined
}

function assertSize(values: Readonly<Record<string, string>>, limit: number): void {
  const size = Object.entries(values).reduce(
    (sum, [key, json]) => sum + Buffer.byteLength(key) + Buffer.byteLength(json),
    0,
  )
  if (size > limit) throw new RangeError(`a session must be at most ${limit} bytes, got ${size}`)
}

const HOUR = 60 * 60 * 1000

/** @throws TypeError for times and sizes that are none */
export function lifeTimes(options: {
  readonly idle?: number
  readonly absolute?: number
  readonly limit?: number
}): Pick<LifeOptions, 'idle' | 'absolute' | 'limit'> {
  const { idle = HOUR, absolute = 24 * HOUR, limit = 65_536 } = options
  return {
    idle: positive('sessions: idle', idle),
    absolute: positive('sessions: absolute', absolute),
    limit: positive('sessions: limit', limit),
  }
}
