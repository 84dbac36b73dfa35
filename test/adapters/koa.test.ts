import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import Koa from 'koa'
import { describe, expect, onTestFinished, test } from 'vitest'
import { json } from '@robaccia/core'
import { toKoa } from '@robaccia/core/koa'
import { lint } from '@robaccia/core/lint'
import { request } from './socket.js'

describe('toKoa', () => {
  /** Asks an app behind a Koa middleware that takes `/a` off the path, as koa-mount does. */
  async function ask(target: string): Promise<unknown> {
    const koa = new Koa()
    koa.use(async (ctx, next) => {
      if (/^\/a(?:\/|$)/.test(ctx.path)) ctx.path = ctx.path.slice(2) || '/'
      else if (ctx.path === '/old') ctx.url = '/new?b'
      await next()
    })
    koa.use(
      toKoa(
        lint((environ, startResponse) => {
          const { SCRIPT_NAME, PATH_INFO, QUERY_STRING, REQUEST_URI } = environ
          return json(environ, startResponse, [SCRIPT_NAME, PATH_INFO, QUERY_STRING, REQUEST_URI])
        }),
      ),
    )
    const server = koa.listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it listens on TCP
    const { port } = server.address() as AddressInfo
    return JSON.parse((await request(port, `GET ${target}`)).split('\r\n\r\n')[1] ?? '')
  }

  test.each([
    ['/a/b/?x=1', '/a', '/b/', 'x=1'],
    ['/a/', '/a', '/', ''],
    ['/a', '/a', '', ''],
    ['/a/%62/c', '/a', '/%62/c', ''],
    ['/a/a/a', '/a', '/a/a', ''],
    ['http://localhost/a/b', '/a', '/b', ''],
    ['/b', '', '/b', ''],
  ])('gives an app of %s SCRIPT_NAME %j and PATH_INFO %j', async (target, script, path, query) => {
    expect(await ask(target)).toEqual([script, path, query, target])
  })

  test('gives an app the path and query that outer middleware made of them', async () => {
    expect(await ask('/old?a')).toEqual(['', '/new', 'b', '/old?a'])
  })
})
