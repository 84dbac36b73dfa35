// What a database URL says: which database, where, and how to name it in a message without its password.
import { resolve } from 'node:path'
import type { Dialect } from './storage.js'

export interface Target {
  readonly dialect: Dialect
  /** The URL as a driver takes it; for SQLite the absolute file name, or `:memory:`. */
  readonly address: string
  /** For messages: no password, no parameters. */
  readonly label: string
}

const schemes: Readonly<Record<string, Dialect>> = {
  sqlite: 'sqlite',
  postgres: 'postgres',
  postgresql: 'postgres',
  mysql: 'mysql',
  mariadb: 'mysql',
}

const forms = 'sqlite:blog.db, sqlite::memory:, postgres://user@host/name or mysql://user@host/name'

/** @throws TypeError for a URL that names no database */
export function parseUrl(url: string): Target {
  // The URL is never printed whole: it may hold a password.
  const scheme = /^([a-z][a-z\d+.-]*):/i.exec(url)?.[1]?.toLowerCase() ?? ''
  const dialect = Object.hasOwn(schemes, scheme) ? schemes[scheme] : undefined
  if (!dialect) {
    const got = scheme ? `the scheme ${scheme}:` : 'no scheme'
    throw new TypeError(`a database URL must be like ${forms}, got ${got}`)
  }
  const rest = url.slice(scheme.length + 1)
  return dialect === 'sqlite' ? fileTarget(rest) : serverTarget(dialect, scheme, url)
}

function fileTarget(file: string): Target {
  if (file === '' || file.startsWith('//')) {
    throw new TypeError(
      `a SQLite URL must be sqlite: and a file (sqlite:blog.db, sqlite:/var/lib/blog.db) or sqlite::memory:, got sqlite:${file}`,
    )
  }
  const address = file === ':memory:' ? file : resolve(file)
  return { dialect: 'sqlite', address, label: address }
}

function serverTarget(dialect: Dialect, scheme: string, url: string): Target {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  const name = parsed?.pathname.slice(1) ?? ''
  if (!parsed || name === '' || name.includes('/') || !decodable(parsed)) {
    throw new TypeError(
      `a ${scheme}: URL must be like ${scheme}://user:password@host:port/name (special characters percent-encoded), got another form`,
    )
  }
  const host = parsed.host || 'localhost'
  return { dialect, address: url, label: `${scheme}://${host}/${name}` }
}

function decodable({ username, password, pathname }: URL): boolean {
  try {
    decodeURIComponent(username + password + pathname)
    return true
  } catch {
    return false
  }
}
