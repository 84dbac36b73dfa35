// What a session store must do. Values are JSON by key, so that requests which change different keys of one session
// at the same time don't overwrite each other's.

/** What a store keeps of a session. Times are milliseconds since 1970. */
export interface SessionRecord {
  readonly values: Readonly<Record<string, string>>
  readonly created: number
  /** From then on the store may forget it, and `read` need not give it. */
  readonly expires: number
}

export interface SessionChanges {
  readonly set: Readonly<Record<string, string>>
  readonly deleted: readonly string[]
  readonly expires: number
}

/** Where sessions are kept. Each `id` is a hash of the one in the cookie: who reads the store can't take a session over. */
export interface SessionStore {
  read(id: string): Promise<SessionRecord | undefined>
  create(id: string, record: SessionRecord): Promise<void>
  /**
   * Changes these keys and no others, whoever changes others at the same time.
   *
   * @returns false where there is no such session: it must not be made anew, for somebody has just ended it
   */
  update(id: string, changes: SessionChanges): Promise<boolean>
  delete(id: string): Promise<void>
}
