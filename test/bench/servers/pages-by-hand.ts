// The pages with Knex, sqlite3 and Pug, as one writes them without a framework's help: what Koa, Express and Fastify
// are given.
import { fileURLToPath } from 'node:url'
import knex from 'knex'
import { compileFile } from 'pug'
import { options } from './process.js'
import { PAGE_SIZE, TEMPLATES, type StoredEntry } from './pages.js'

const db = knex({
  client: 'sqlite3',
  connection: { filename: options[0] ?? '' },
  useNullAsDefault: true,
})
const template = (name: string) => compileFile(fileURLToPath(new URL(name, TEMPLATES)))
const listTemplate = template('list.html.pug')
const entryTemplate = template('entry.html.pug')

export async function list(): Promise<string> {
  const rows = await db<StoredEntry>('entry')
    .orderBy('published', 'desc')
    .orderBy('id', 'desc')
    .limit(PAGE_SIZE + 1)
  return listTemplate({ rows: rows.slice(0, PAGE_SIZE), next: rows.length > PAGE_SIZE })
}

/** The page of an entry; undefined if there is none. */
export async function entry(id: string): Promise<string | undefined> {
  const row = await db<StoredEntry>('entry').where({ id }).first()
  return row && entryTemplate({ row })
}
