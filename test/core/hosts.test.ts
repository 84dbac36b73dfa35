import { describe, expect, test } from 'vitest'
import { hosts, text } from '@robaccia/core'
import type { App } from '@robaccia/core'
import { client } from '@robaccia/core/testing'

const site = (names: readonly string[]): App =>
  hosts(names)((environ, startResponse) => text(environ, startResponse, 'done'))
const get = (names: readonly string[], host: string) =>
  client(site(names)).get('/', { headers: { host } })

describe('hosts', () => {
  test.each([
    ['example.org', 'example.org'],
    ['example.org', 'EXAMPLE.org'],
    ['Example.ORG', 'example.org'],
    ['example.org', 'example.org:8080'],
    ['example.org', 'example.org:'],
    ['example.org:8080', 'example.org:8080'],
    ['localhost', 'localhost:3000'],
    ['127.0.0.1', '127.0.0.1:3000'],
    ['[::1]', '[::1]'],
    ['[::1]', '[::1]:3000'],
    ['[::FFFF:1]:80', '[::ffff:1]:80'],
    ['*.example.org', 'a.example.org'],
    ['*.example.org', 'a.b.EXAMPLE.org:80'],
    ['*.example.org:80', 'a.example.org:80'],
  ])('%s answers for %s', async (name, host) => {
    expect((await get(['other.example', name], host)).text).toBe('done')
  })

  test.each([
    ['example.org', 'evil.example'],
    ['example.org', 'example.org.evil.example'],
    ['example.org', 'a.example.org'],
    ['example.org', 'notexample.org'],
    ['example.org', 'example.org.'],
    ['example.org:8080', 'example.org'],
    ['example.org:8080', 'example.org:80'],
    ['*.example.org', 'example.org'],
    ['*.example.org', 'notexample.org'],
    ['*.example.org:80', 'a.example.org'],
    ['[::1]', '[::2]'],
    ['127.0.0.1', '127.0.0.2'],
  ])('%s does not answer for %s', async (name, host) => {
    expect(await get([name], host)).toMatchObject({
      status: 421,
      text: `the host must be one that this site answers for, got ${host}\n`,
      errors: '',
    })
  })

  test.each([
    '.example.org',
    'a b',
    'user@example.org',
    'example.org/x',
    'http://example.org',
    '::1',
    'a:x',
    'a,b',
    '[::1',
  ])('answers 400 to the host %j', async (host) => {
    expect(await get(['example.org'], host)).toMatchObject({
      status: 400,
      text: `the Host header must be a host, got ${host}\n`,
    })
  })

  test('answers 400 without a host', async () => {
    const without: App = (environ, startResponse) => {
      const { HTTP_HOST: _, ...rest } = environ
      return site(['example.org'])(rest, startResponse)
    }
    for (const response of [await client(without).get('/'), await get(['example.org'], '')]) {
      expect(response).toMatchObject({
        status: 400,
        text: 'the request must have a Host header, got none\n',
      })
    }
  })

  test('refuses what is no list', () => {
    // @ts-expect-error: one name is not a list
    expect(() => hosts('example.org')).toThrow(
      new TypeError('hosts must be given an array of names, got string'),
    )
  })

  test('refuses an empty list', () => {
    expect(() => hosts([])).toThrow(
      new TypeError('hosts must be given at least one name, got none'),
    )
  })

  test.each([
    '',
    '*',
    '*.',
    'https://example.org',
    'example.org/',
    'a.*.org',
    '::1',
    '*example.org',
  ])('refuses the name %j', (name) => {
    expect(() => hosts(['example.org', name])).toThrow(
      new TypeError(
        `hosts: a name must be a host such as example.org or *.example.org, got ${JSON.stringify(name)}`,
      ),
    )
  })
})
