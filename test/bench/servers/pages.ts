// What every server of the scenario `pages` answers: a blog's list of its newest ten entries, and an entry. The
// Markdown of the blog is left out: the same library would do the same for all.
import { createRequire } from 'node:module'

/** An entry as SQLite has it. */
export interface StoredEntry {
  readonly id: string
  readonly title: string
  readonly author: string
  readonly content: string
  readonly published: string
  readonly updated: string
  readonly version: number
}

export const TEMPLATES: URL = new URL('../servers/templates/', import.meta.url)
export const PAGE_SIZE = 10
export const COUNT = 1000
export const COLUMNS = ['id', 'title', 'author', 'content', 'published', 'updated', 'version']

/** The entry of a number, published a day after the one before; `#` stands for any number. */
export function entryOf(number: number | '#'): StoredEntry {
  const days = number === '#' ? 0 : number
  const sentence = `Some words of entry ${number} about glue & paste, <b> and "quotes". `
  return {
    id: `entry-${number}`,
    title: `Title ${number} & more`,
    author: 'Ada',
    content: sentence.repeat(6).trim(),
    published: new Date(Date.UTC(2024, 0, 1) + days * 86_400_000).toISOString(),
    updated: '2026-11-01T12:00:00.000Z',
    version: 1,
  }
}

/** The right pages, by a template literal: also what the server by hand answers. */
export function listPage(entries: readonly StoredEntry[], hasNext: boolean): string {
  const teasers = entries.map(
    ({ id, title, author, content, published }) =>
      `<article class="teaser"><p class="meta"><time datetime="${published}">${published.slice(0, 10)}</time> · ${escaped(author)}</p>` +
      `<h2><a href="/blog/${id}/">${escaped(title)}</a></h2><p>${escaped(content.slice(0, 200))}</p></article>`,
  )
  const older = hasNext ? '<nav><a rel="next" href="/blog/?older">Older →</a></nav>' : ''
  return framed('Blog', teasers.join('') + older)
}

export function entryPage({ title, author, content, updated, version }: StoredEntry): string {
  return framed(
    `${escaped(title)} · Blog`,
    `<article><header><p class="meta"><time datetime="${updated}">${updated.slice(0, 10)}</time> · ${escaped(author)}</p>` +
      `<h1>${escaped(title)}</h1></header><div class="prose">${escaped(content)}</div><footer>Version ${version}</footer></article>`,
  )
}

function framed(title: string, main: string): string {
  return (
    `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>${title}</title>` +
    '<link rel="stylesheet" href="/static/style.css"></head><body>' +
    `<header class="masthead"><a href="/blog/">Blog</a></header><main>${main}</main></body></html>`
  )
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
}
function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => escapes[character] ?? '')
}

/** What is used of better-sqlite3, which brings no types. */
export interface BetterSqlite3 {
  prepare(sql: string): Prepared
  pragma(text: string): unknown
  transaction(work: () => void): () => void
  close(): void
}
interface Prepared {
  all(...bindings: unknown[]): unknown[]
  get(...bindings: unknown[]): unknown
  run(...bindings: unknown[]): unknown
}

export function openBetterSqlite3(file: string): BetterSqlite3 {
  const Database = createRequire(import.meta.url)('better-sqlite3') as new (
    name: string,
  ) => BetterSqlite3
  return new Database(file)
}
