// The database of the project that runs (vitest.config.ts): the blog's tests and those of commands run once on
// each. Where its server is missing they are skipped; what said so is services.ts.
import { afterAll, beforeEach, inject } from 'vitest'
import { databases, type OpenDatabase } from './databases.js'

const wanted = inject('database')
const inMemory: Readonly<Record<string, string>> = {
  SQLite: 'sqlite::memory:',
  'better-sqlite3': 'better-sqlite3::memory:',
}
const { betterSqlite3 } = inject('services')
const server = databases.find(({ name }) => name === wanted)
const isThere = wanted === 'better-sqlite3' ? betterSqlite3 : wanted in inMemory || server

const memory = (isThere && inMemory[wanted]) || 'sqlite::memory:'
const opened: OpenDatabase[] = []
let spare: OpenDatabase[] = []
let taken: OpenDatabase[] = []
/** The most databases that one test takes. */
const most = 3

/** The URL of an empty database that lives as long as the test file. */
export async function urlOfFile(): Promise<string> {
  if (!server) return memory
  const one = await server.open()
  opened.push(one)
  return one.url
}

/** The URL of an empty database for one test. */
export function urlOfTest(): string {
  if (!server) return memory
  const one = spare.pop()
  if (!one) throw new Error(`a test must take at most ${most} databases, or here.ts must have more`)
  taken.push(one)
  return one.url
}

beforeEach(async ({ skip }) => {
  skip(!isThere, `${wanted} is missing`)
  if (!server) return
  await Promise.all(taken.map((one) => one.remove()))
  taken = []
  const missing = Array.from({ length: most - spare.length }, () => server.open())
  spare = [...spare, ...(await Promise.all(missing))]
})

afterAll(async () => {
  const all = [...opened, ...spare, ...taken]
  await Promise.all(all.map((one) => one.remove()))
})
