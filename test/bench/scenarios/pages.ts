// Whole pages, from the socket to the database and back: ours next to what people write by hand, and Django.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { database, datetime, integer, string, text } from '@robaccia/db'
import type { Exchange } from '../load.js'
import { atLeast, type Report } from '../report.js'
import type { Scenario } from '../scenario.js'
import { COUNT, entryOf, entryPage, listPage, PAGE_SIZE } from '../servers/pages.js'
import { cells, named, slices, type Contender, type Measured } from '../slices.js'
import { median, ratios } from '../statistics.js'

const ROUNDS = 6
const type = 'text/html; charset=utf-8'

/** The pages, and how they look. A `#` stands for the number of an entry. */
export const exchanges: { readonly list: Exchange; readonly entry: Exchange } = {
  list: {
    path: '/blog/',
    type,
    body: listPage(
      Array.from({ length: PAGE_SIZE }, (_, index) => entryOf(COUNT - index)),
      true,
    ),
  },
  entry: {
    path: '/blog/entry-#/',
    type,
    body: entryPage(entryOf('#')),
  },
}

/** The servers, for a SQLite file. */
export function servers(file: string): readonly Omit<Contender, 'exchange'>[] {
  const ours = (driver: string, server: string) => ({
    name: `Robaccia on ${server}, ${driver}`,
    file: 'pages-robaccia',
    args: [server, `${driver === 'sqlite3' ? 'sqlite' : driver}:${file}`],
  })
  return [
    ours('sqlite3', 'koa'),
    { name: 'Koa + @koa/router, Knex, sqlite3, Pug', file: 'pages-koa', args: [file] },
    { name: 'Express, Knex, sqlite3, Pug', file: 'pages-express', args: [file] },
    ours('sqlite3', 'node'),
    { name: 'Fastify, Knex, sqlite3, Pug', file: 'pages-fastify', args: [file] },
    ours('better-sqlite3', 'koa'),
    { name: 'Django on its own server', file: 'pages-django', args: [file] },
    ours('better-sqlite3', 'node'),
    { name: 'node:http + better-sqlite3 by hand', file: 'pages-raw', args: [file] },
  ]
}

/** Runs something with a file of entries, and removes it. */
export async function withEntries<Result>(
  work: (file: string) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'robaccia-bench-'))
  try {
    const file = join(folder, 'blog.db')
    const db = database(`sqlite:${file}`)
    const entry = db.table('entry', {
      id: string(100).primary(),
      title: string(200),
      author: string(100),
      content: text(),
      published: datetime().index(),
      updated: datetime(),
      version: integer(),
    })
    await db.create()
    await entry.insert(
      Array.from({ length: COUNT }, (_, index) => {
        const { published, updated, ...rest } = entryOf(index + 1)
        return { ...rest, published: new Date(published), updated: new Date(updated) }
      }),
    )
    await db.close()
    return await work(file)
  } finally {
    await rm(folder, { recursive: true })
  }
}

export const pages: Scenario = {
  name: 'pages',
  title: 'Whole pages from a SQLite file',
  async run({ cores, seconds, progress }): Promise<Report> {
    const measured = await withEntries((file) => {
      const contenders = Object.entries(exchanges).flatMap(([page, exchange]) =>
        servers(file).map((server) => ({ ...server, name: `${page}: ${server.name}`, exchange })),
      )
      return slices(contenders, { cores, seconds, rounds: ROUNDS, progress })
    })
    const koa = (page: string) => named(measured, `${page}: Koa + @koa/router, Knex, sqlite3, Pug`)
    const raw = (page: string) => named(measured, `${page}: node:http + better-sqlite3 by hand`)
    const ours = (page: string, server: string, driver: string) =>
      named(measured, `${page}: Robaccia on ${server}, ${driver}`)
    const byPage = Object.keys(exchanges)
    return {
      how:
        'A blog’s list of its newest 10 of 1,000 entries, and the page of an entry, the same bytes from each; without ' +
        `Markdown, which would be the same library in each. Medians of ${ROUNDS} slices of ${seconds} s each. ` +
        'The last column is the CPU time of Koa’s page by hand divided by the server’s, round by round.',
      columns: ['server', 'CPU µs a request', 'requests/s', 'Koa ÷ it'],
      rows: byPage.flatMap((page) =>
        measured
          .filter(({ name }) => name.startsWith(`${page}: `))
          .toSorted((one, other) => median(one.cpu) - median(other.cpu))
          .map((each) => [each.name, ...cells(each), ratio(koa(page), each)]),
      ),
      targets: byPage.flatMap((page) => [
        ...['node', 'koa'].map((server) =>
          atLeast(
            `the ${page} with sqlite3 on ${server}: 1.2 times as fast as Koa’s by hand`,
            1.2,
            ratios(koa(page).cpu, ours(page, server, 'sqlite3').cpu),
          ),
        ),
        atLeast(
          `the ${page} with better-sqlite3 on node: 0.7 of node:http + better-sqlite3 by hand`,
          0.7,
          ratios(raw(page).cpu, ours(page, 'node', 'better-sqlite3').cpu),
        ),
      ]),
    }
  },
}

function ratio(one: Measured, other: Measured): string {
  return median(ratios(one.cpu, other.cpu)).toFixed(2)
}
