// What a database URL says: which database, where, and how to name it in a message without its password.
import { resolve } from 'node:path'
import type { Dialect } from './storage.js'

export type Driver = 'sqlite3' | 'better-sqlite3' | 'pg' | 'mysql2'

export interface Target {
  readonly dialect: Dialect
  readonly driver: Driver
  /** The URL as a driver takes it; for SQLite the absolute file name, or `:memory:`. */
  readonly address: string
  /** For messages: no password, no parameters. */
  readonly label: string
}

type Means = Pick<Target, 'dialect' | 'driver'>
const postgres: Means = { dialect: 'postgres', driver: 'pg' }
const mysql: Means = { dialect: 'mysql', driver: 'mysql2' }

const schemes: Readonly<Record<string, Means>> = {
  sqlite: { dialect: 'sqlite', driver: 'sqlite3' },
  'better-sqlite3': { dialect: 'sqlite', driver: 'better-sqlite3' },
  postgres,
  postgresql: postgres,
  mysql,
  mariadb: mysql,
}

const forms = 'sqlite:blog.db, sqlite::memory:, postgres://user@host/name or mysql://user@host/name'

/** @throws TypeError for a URL that names no database */
export function parseUrl(url: string): Target {
  // The URL is never printed whole: it may hold a password.
  const scheme = /^([a-z][a-z\d+.-]*):/i.exec(url)?.[1]?.toLowerCase() ?? ''
  const means = Object.hasOwn(schemes, scheme) ? schemes[scheme] : undefined
  if (!means) {
    const got = scheme ? `the scheme ${scheme}:` : 'no scheme'
    throw new TypeError(`a database URL must be like ${forms}, got ${got}`)
  }
  const rest = url.slice(scheme.length + 1)
  const where = means.dialect === 'sqlite' ? fileAddress(scheme, rest) : serverAddress(scheme, url)
  return { ...means, ...where }
}

type Address = Pick<Target, 'address' | 'label'>

function fileAddress(scheme: string, file: string): Address {
  if (file === '' || file.startsWith('//')) {
    throw new TypeError(
      `a SQLite URL must be ${scheme}: and a file (${scheme}:blog.db, ${scheme}:/var/lib/blog.db) or ${scheme}::memory:, got ${scheme}:${file}`,
    )
  }
  const address = file === ':memory:' ? file : resolve(file)
  return { address, label: address }
}

function serverAddress(scheme: string, url: string): Address {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  const name = parsed?.pathname.slice(1) ?? ''
  if (!parsed || name === '' || name.includes('/') || !decodable(parsed)) {
    throw new TypeError(
      `a ${scheme}: URL must be like ${scheme}://user:password@host:port/name (special characters percent-encoded), got another form`,
    )
  }
  const host = parsed.host || 'localhost'
  return { address: url, label: `${scheme}://${host}/${name}` }
}

function decodable({ username, password, pathname }: URL): boolean {
  try {
    decodeURIComponent(username + password + pathname)
    return true
  } catch {
    return false
  }
}
