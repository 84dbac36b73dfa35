// A request's session, as its app sees it: values are read and changed at once, and saved when the app has answered.
import type { User } from './user.js'

/** What a session holds; an app declares its keys by interface merging. Values have a form in JSON. */
// oxlint-disable-next-line typescript/no-empty-interface, typescript/no-empty-object-type -- for apps to merge into
export interface SessionData {}

/** A message for the next page that a visitor sees. */
export interface Flash {
  readonly text: string
  /** What it is: `info` unless said otherwise. */
  readonly kind: string
}

export interface Session {
  /** The user who has logged in. */
  readonly user: User | undefined
  /** A value, a copy of its own: to change it, set it. */
  get<K extends keyof SessionData>(key: K): SessionData[K] | undefined
  /** @throws TypeError for a value without a form in JSON, and once the head is made */
  set<K extends keyof SessionData>(key: K, value: SessionData[K]): void
  delete(key: keyof SessionData): void
  /**
   * Makes the user the session's, under a new id, so that who knew the old one has nothing. What an unknown visitor's
   * session held is kept; what another user's held is not.
   */
  login(user: User): void
  /** Goes on under a new id: do so when somebody's rights change. */
  renew(): void
  /** Ends it: all that it holds is gone, here and in the store. */
  end(): void
  /** Leaves a message for the next page. */
  flash(text: string, kind?: string): void
  /** Takes the messages, oldest first: the next page has them no more. */
  flashes(): readonly Flash[]
}

/** What an app did to a session. */
export interface Changes {
  /** undefined for what was deleted. */
  readonly values: ReadonlyMap<string, string | undefined>
  /** All that it held before is gone. */
  readonly cleared: boolean
  /** It goes on under a new id. */
  readonly renewed: boolean
  /** Somebody has just logged in. */
  readonly begun: boolean
}

const USER = 'auth.user'
const FLASH = 'auth.flash.'

export interface Loaded {
  readonly values: Readonly<Record<string, string>>
  /** Why the store could not be asked. */
  readonly failure?: unknown
}

export class RequestSession implements Session {
  readonly #loaded: Loaded
  #values = new Map<string, string | undefined>()
  #cleared = false
  #renewed = false
  #begun = false
  #touched = false
  #sealed = false
  /** What the keys of this request's flashes begin with. */
  #flashed: string | undefined
  #count = 0

  constructor(loaded: Loaded) {
    this.#loaded = loaded
  }

  /** Whether the response depends on it. */
  get touched(): boolean {
    return this.#touched
  }

  get changes(): Changes {
    return {
      values: this.#values,
      cleared: this.#cleared,
      renewed: this.#renewed,
      begun: this.#begun,
    }
  }

  /** The user, asked for without reading the session: for what no response depends on. */
  get known(): User | undefined {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- under this key only such a value is set
    return this.#value(USER) as User | undefined
  }

  get failed(): boolean {
    return this.#loaded.failure !== undefined
  }

  /** From now on a change throws: what is saved is saved. */
  seal(): void {
    this.#sealed = true
  }

  get user(): User | undefined {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- under this key only such a value is set
    return this.#read(USER) as User | undefined
  }

  get<K extends keyof SessionData>(key: K): SessionData[K] | undefined {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- under this key only such a value is set
    return this.#read(own(key)) as SessionData[K] | undefined
  }

  set<K extends keyof SessionData>(key: K, value: SessionData[K]): void {
    this.#write(own(key), value)
  }

  delete(key: keyof SessionData): void {
    const name = own(key)
    this.#change()
    this.#values.set(name, undefined)
  }

  login(user: User): void {
    if (typeof user?.name !== 'string' || user.name === '') {
      throw new TypeError(`a session's user must have a name, got ${JSON.stringify(user)}`)
    }
    const before = this.user
    if (before !== undefined && before.name !== user.name) this.#clear()
    this.#write(USER, user)
    this.#renewed = true
    this.#begun = true
  }

  renew(): void {
    this.#change()
    this.#renewed = true
  }

  end(): void {
    this.#change()
    this.#clear()
    this.#renewed = true
    this.#begun = false
  }

  flash(text: string, kind = 'info'): void {
    this.#flashed ??= `${FLASH}${this.#moment()}.${Math.random().toString(36).slice(2)}`
    this.#write(`${this.#flashed}.${this.#count++}`, { text, kind })
  }

  /** Now, but later than all flashes that are known: requests may follow one another within a millisecond. */
  #moment(): number {
    const others = Object.keys(this.#loaded.values).filter((key) => key.startsWith(FLASH))
    return Math.max(Date.now(), ...others.map((key) => 1 + orderOf(key).time))
  }

  flashes(): readonly Flash[] {
    this.#look()
    const keys = this.#keys()
      .filter((key) => key.startsWith(FLASH))
      .toSorted(byTime)
    return keys.flatMap((key) => {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- under this key only such a value is set
      const flash = this.#read(key) as Flash | undefined
      this.#change()
      this.#values.set(key, undefined)
      return flash ?? []
    })
  }

  #keys(): string[] {
    const before = this.#cleared ? [] : Object.keys(this.#loaded.values)
    const all = new Set([...before, ...this.#values.keys()])
    return [...all].filter((key) => this.#json(key) !== undefined)
  }

  #json(key: string): string | undefined {
    if (this.#values.has(key) || this.#cleared) return this.#values.get(key)
    return Object.hasOwn(this.#loaded.values, key) ? this.#loaded.values[key] : undefined
  }

  #read(key: string): unknown {
    this.#look()
    return this.#value(key)
  }

  #value(key: string): unknown {
    const json = this.#json(key)
    return json === undefined ? undefined : JSON.parse(json)
  }

  #write(key: string, value: unknown): void {
    this.#change()
    // The cast adds what the library's type leaves out: undefined for a value that has no JSON.
    const json = JSON.stringify(value) as string | undefined
    if (json === undefined) {
      throw new TypeError(`the session's ${key} must have a form in JSON, got ${typeof value}`)
    }
    this.#values.set(key, json)
  }

  #clear(): void {
    this.#values = new Map()
    this.#cleared = true
  }

  /** A first look that comes late is refused: the head has not said that the response is one person's. */
  #look(): void {
    if (this.#sealed && !this.#touched) throw late('read')
    this.#open()
  }

  #change(): void {
    if (this.#sealed) throw late('changed')
    this.#open()
  }

  #open(): void {
    this.#touched = true
    if (this.#loaded.failure !== undefined) throw this.#loaded.failure
  }
}

function late(what: string): TypeError {
  return new TypeError(
    `the session must be ${what} before the response's head is made, got it later`,
  )
}

function own(key: PropertyKey): string {
  if (typeof key === 'string' && key !== '' && !key.startsWith('auth.')) return key
  throw new TypeError(
    `a session's key must be a string that does not begin with 'auth.', got ${JSON.stringify(String(key))}`,
  )
}

function orderOf(key: string): { time: number; request: string; count: number } {
  const [time, request = '', count] = key.slice(FLASH.length).split('.')
  return { time: Number(time), request, count: Number(count) }
}

/** In their order, whichever request left them; those of one request stay together. */
function byTime(one: string, other: string): number {
  const [first, second] = [orderOf(one), orderOf(other)]
  return (
    first.time - second.time ||
    first.request.localeCompare(second.request) ||
    first.count - second.count
  )
}
