// node:http, better-sqlite3 and a template literal: the least that the pages cost.
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { entryPage, listPage, openBetterSqlite3, PAGE_SIZE, type StoredEntry } from './pages.js'
import { options, port, ready } from './process.js'

const db = openBetterSqlite3(options[0] ?? '')
const newest = db.prepare('select * from entry order by published desc, id desc limit ?')
const one = db.prepare('select * from entry where id = ?')

const server = createServer((request, response) => {
  const url = request.url ?? '/'
  if (url === '/blog/') {
    const rows = newest.all(PAGE_SIZE + 1) as StoredEntry[]
    send(response, 200, listPage(rows.slice(0, PAGE_SIZE), rows.length > PAGE_SIZE))
    return
  }
  const [, id] = /^\/blog\/([^/?]+)\/$/.exec(url) ?? []
  const row = id === undefined ? undefined : (one.get(decodeURIComponent(id)) as StoredEntry)
  if (row === undefined) send(response, 404, '')
  else send(response, 200, entryPage(row))
})

function send(response: ServerResponse, status: number, text: string): void {
  const length = Buffer.byteLength(text)
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'content-length': length,
  })
  response.end(text)
}

server.listen(port, '127.0.0.1', () => ready((server.address() as AddressInfo).port))
