// Pages of every kind: `/echo` answers as its query says.
import createError from 'http-errors'
import { cache, cached } from '@robaccia/cache'
import {
  compose,
  compress,
  conditional,
  errors,
  files,
  query,
  securityHeaders,
  selector,
  text,
} from '@robaccia/core'
import type { App, Chunk } from '@robaccia/core'
import { renderer } from '@robaccia/render'
import { words } from './words.js'

const render = renderer({ dir: new URL('templates/', import.meta.url) })

const page: App = (environ, startResponse) =>
  render(environ, startResponse, 'page.html', { words }, { headers: [['etag', '"1"']] })

const broken: App = (environ, startResponse) => render(environ, startResponse, 'broken.html')

const fail: App = () => {
  const cause = new Error('no answer from postgres://joe:sw0rdfish@localhost/blog')
  const hint = '<img src=x onerror=alert(1)>'
  const config = { user: 'joe', password: process.env.SECRET }
  throw Object.assign(new Error('boom </title><script>alert(1)</script>', { cause }), {
    hint,
    config,
  })
}

const failEarly: App = (environ, startResponse) => {
  startResponse(200, [['content-type', 'text/html']])
  return (async function* (): AsyncGenerator<Chunk> {
    if (environ.QUERY_STRING !== '') yield '<!doctype html><p>begun'
    throw new Error('the stream broke')
  })()
}

const gone: App = () => {
  throw createError(410, 'it is gone')
}

const die: App = (environ, startResponse) => {
  setTimeout(() => {
    throw new Error('thrown by a timer')
  })
  return text(environ, startResponse, 'dying')
}

const echo: App = (environ, startResponse) => {
  const asked = query(environ)
  const {
    body = '',
    type = 'text/html',
    policy,
    chunk,
    disposition,
    status = '200',
  } = Object.fromEntries(asked)
  startResponse(Number(status), [
    ['content-type', type],
    ...(policy === undefined ? [] : [['content-security-policy', policy] as const]),
    ...(disposition === undefined ? [] : [['content-disposition', disposition] as const]),
  ])
  if (chunk === undefined) return [body]
  return (async function* (): AsyncGenerator<Chunk> {
    for (let at = 0; at < body.length; at += Number(chunk)) yield body.slice(at, at + Number(chunk))
  })()
}

const development: App = (environ, startResponse) =>
  text(environ, startResponse, String(environ['robaccia.development']))

const endless: App = (_environ, startResponse) => {
  startResponse(200, [['content-type', 'text/plain']])
  return (async function* (): AsyncGenerator<Chunk> {
    for (;;) {
      yield 'more\n'
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  })()
}

const stuck: App = () => {
  for (;;);
}

const sorry: App = (environ, startResponse) => text(environ, startResponse, 'sorry')

export const urls = selector()
  .add('/', { GET: page, POST: page })
  .add('/kept', { GET: cached(3600)(page) })
  .add('/broken', { GET: broken })
  .add('/fail', { GET: fail, POST: fail })
  .add('/fail-early', { GET: failEarly })
  .add('/gone', { GET: gone })
  .add('/die', { GET: die })
  .add('/echo', { GET: echo })
  .add('/endless', { GET: endless })
  .add('/stuck', { GET: stuck })
  .add('/development', { GET: development })
  .add('/static/{file:segment}', { GET: files(new URL('public/', import.meta.url)) })

export const app: App = compose(
  securityHeaders({ 'content-security-policy': "default-src 'none'; style-src 'self'" }),
  errors({ default: sorry }),
  compress({ threshold: 0 }),
  cache(),
  conditional(),
)(urls)
