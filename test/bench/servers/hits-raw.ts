// The same pages with the same headers from a Map, by node:http and by hand: the least that a hit costs.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { page, PATH } from './hits.js'
import { port, ready } from './process.js'

const pages = new Map<string, Buffer>()
const date = new Date().toUTCString()
const began = Date.now()

const server = createServer((request, response) => {
  const { url = '' } = request
  let body = pages.get(url)
  if (body === undefined) {
    body = Buffer.from(page(url.slice(PATH.length)))
    pages.set(url, body)
  }
  const age = Math.floor((Date.now() - began) / 1000)
  response.writeHead(200, [
    'content-type',
    'text/plain; charset=utf-8',
    'cache-control',
    'public, max-age=86400',
    'date',
    date,
    'age',
    String(age),
    'cache-status',
    `robaccia; hit; ttl=${86_400 - age}`,
    'content-length',
    String(body.length),
  ])
  response.end(body)
})
server.listen(port, '127.0.0.1', () => ready((server.address() as AddressInfo).port))
