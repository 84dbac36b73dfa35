import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { callApp, closeBody, empty, files } from '@robaccia/core'
import type { FilesOptions } from '@robaccia/core'
import { client } from '@robaccia/core/testing'

const folder = mkdtempSync(join(tmpdir(), 'static-'))
const dir = join(folder, 'public')

beforeAll(() => {
  mkdirSync(join(dir, 'sub', 'deep'), { recursive: true })
  mkdirSync(join(dir, 'bare'))
  mkdirSync(join(dir, '.git'))
  for (const [name, content] of Object.entries({
    'public/index.html': '<h1>home',
    'public/style.css': 'body{}',
    'public/app.js': '1',
    'public/data.json': '{}',
    'public/logo.svg': '<svg/>',
    'public/photo.png': 'png',
    'public/unknown.zzz': '?',
    'public/empty.txt': '',
    'public/ten.txt': '0123456789',
    'public/caffè è.txt': 'è',
    'public/a%2fb.txt': 'percent',
    'public/.env': 'secret',
    'public/.git/config': 'secret',
    'public/sub/index.html': '<h1>sub',
    'public/sub/page.txt': 'page',
    'public/sub/deep/.htaccess': 'secret',
    'secret.txt': 'secret',
    'public-too/secret.txt': 'secret',
  })) {
    mkdirSync(join(folder, name, '..'), { recursive: true })
    writeFileSync(join(folder, name), content)
  }
  symlinkSync(join(folder, 'secret.txt'), join(dir, 'link.txt'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const site = (options?: FilesOptions) => client(files(dir, options))
const get = (target: string, headers: Record<string, string> = {}) =>
  site().get(target, { headers })

describe('files', () => {
  test('serves a file with its type, length and validators', async () => {
    const response = await get('/style.css')
    expect(response).toMatchObject({ status: 200, text: 'body{}' })
    expect(Object.fromEntries(response.headers)).toEqual({
      'accept-ranges': 'bytes',
      'cache-control': 'public, max-age=0',
      'content-length': '6',
      'content-type': 'text/css; charset=utf-8',
      etag: expect.stringMatching(/^W\/"/) as string,
      'last-modified': expect.stringMatching(/GMT$/) as string,
    })
  })

  test.each([
    ['/', 'text/html; charset=utf-8'],
    ['/app.js', 'application/javascript; charset=utf-8'],
    ['/data.json', 'application/json; charset=utf-8'],
    ['/logo.svg', 'image/svg+xml'],
    ['/photo.png', 'image/png'],
    ['/ten.txt', 'text/plain; charset=utf-8'],
  ])('serves %s as %s', async (target, type) => {
    expect((await get(target)).header('content-type')).toBe(type)
  })

  test('serves an empty file', async () => {
    const response = await get('/empty.txt')
    expect(response).toMatchObject({ status: 200, text: '' })
    expect(response.header('content-length')).toBe('0')
  })

  test('serves a file with a percent-encoded name', async () => {
    expect((await get('/caff%C3%A8%20%c3%a8.txt')).text).toBe('è')
    expect((await get('/%73tyle.css?v=1')).text).toBe('body{}')
  })

  test('serves a folder as its index.html', async () => {
    expect((await get('/')).text).toBe('<h1>home')
    expect((await get('/sub/')).text).toBe('<h1>sub')
  })

  test.each([
    ['', '/sub', '/sub/'],
    ['/static', '/static/sub?a=1', '/static/sub/?a=1'],
    ['/static', '/static', '/static/'],
    ['', '/bare', '/bare/'],
  ])('sends the folder %s %s to %s', async (script, target, location) => {
    const path = target.slice(script.length).replace(/\?.*/, '')
    const environ = { SCRIPT_NAME: script, PATH_INFO: path }
    const response = await site().get(target, { environ })
    expect(response).toMatchObject({ status: 308, headers: [['location', location]], text: '' })
  })

  test.each([
    '/nothing.txt',
    '/style.css/',
    '/style.css/x',
    '/bare/',
    '/nothing/',
    `/${'x'.repeat(5000)}`,
    // dotfiles
    '/.env',
    '/%2eenv',
    '/.git/config',
    '/sub/deep/.htaccess',
    '/.git/',
    // ways out
    '/../secret.txt',
    '/sub/../../secret.txt',
    '/%2e%2e/secret.txt',
    '/%2E%2E%2Fsecret.txt',
    '/..%2fsecret.txt',
    '/..%5csecret.txt',
    '/..\\secret.txt',
    '/../public-too/secret.txt',
    '/%2fetc/passwd',
    '//etc/passwd',
    '/%00',
    '/style.css%00.txt',
    // second names of a file
    '/sub/../style.css',
    '/./style.css',
    '//style.css',
    '/sub//page.txt',
    '/sub%2fpage.txt',
    '/sub%5cpage.txt',
    '/sub\\page.txt',
    // malformed
    '/%',
    '/%zz',
    '/%ff',
    '/a%2fb.txt',
  ])('answers 404 to %j', async (target) => {
    // The client would take dot segments and empty ones for what they are; a server does not.
    const response = await site().get('/', { environ: { PATH_INFO: target } })
    expect(response).toMatchObject({ status: 404, headers: [], text: '' })
  })

  test('serves a name that holds a percent sign', async () => {
    expect((await get('/a%252fb.txt')).text).toBe('percent')
  })

  test('follows a symbolic link', async () => {
    expect((await get('/link.txt')).text).toBe('secret')
  })

  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'get'])('answers 405 to %s', async (method) => {
    const response = await site().request(method, '/style.css')
    expect(response).toMatchObject({ status: 405, headers: [['allow', 'GET, HEAD']], text: '' })
  })

  test('answers HEAD with the headers of GET and no body', async () => {
    const head = await site().head('/ten.txt', { headers: { range: 'bytes=0-1' } })
    expect(head).toMatchObject({ status: 200, text: '' })
    expect(head.headers).toEqual((await get('/ten.txt')).headers)
  })
})

describe('files, conditional', () => {
  test('answers 304 to its own validators', async () => {
    const { headers } = await get('/ten.txt')
    const { etag = '', 'last-modified': modified = '' } = Object.fromEntries(headers)
    for (const condition of [
      { 'if-none-match': etag },
      { 'if-none-match': '*' },
      { 'if-modified-since': modified },
    ]) {
      const response = await get('/ten.txt', condition)
      expect(response).toMatchObject({ status: 304, text: '' })
      expect(response.header('etag')).toBe(etag)
      expect(response.header('content-length')).toBeUndefined()
    }
  })

  test('answers 200 to others', async () => {
    expect((await get('/ten.txt', { 'if-none-match': '"x"' })).status).toBe(200)
    const past = 'Thu, 01 Jan 1970 00:00:00 GMT'
    expect((await get('/ten.txt', { 'if-modified-since': past })).status).toBe(200)
  })

  test('answers 412 where If-Match does not', async () => {
    const response = await get('/ten.txt', { 'if-match': '"x"' })
    expect(response).toMatchObject({ status: 412, headers: [], text: '' })
  })
})

describe('files, ranges', () => {
  test.each([
    ['bytes=2-4', '234', 'bytes 2-4/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=-2', '89', 'bytes 8-9/10'],
    ['bytes=5-99', '56789', 'bytes 5-9/10'],
  ])('serves %s', async (range, content, contentRange) => {
    const response = await get('/ten.txt', { range })
    expect(response).toMatchObject({ status: 206, text: content })
    expect(response.header('content-range')).toBe(contentRange)
    expect(response.header('content-length')).toBe(String(content.length))
  })

  test.each(['bytes=10-', 'bytes=x'])('answers 416 to %s', async (range) => {
    const response = await get('/ten.txt', { range })
    expect(response).toMatchObject({
      status: 416,
      headers: [['content-range', 'bytes */10']],
      text: '',
    })
  })

  test.each(['bytes=0-1,3-4', 'lines=1-2', ''])('ignores the range %j', async (range) => {
    expect(await get('/ten.txt', { range })).toMatchObject({ status: 200, text: '0123456789' })
  })

  test('ignores a range of another version', async () => {
    const response = await get('/ten.txt', { range: 'bytes=0-1', 'if-range': '"x"' })
    expect(response.status).toBe(200)
  })

  test('serves a range of the version with the same date, not the same weak tag', async () => {
    const { headers } = await get('/ten.txt')
    const { etag = '', 'last-modified': modified = '' } = Object.fromEntries(headers)
    const status = async (ifRange: string) =>
      (await get('/ten.txt', { range: 'bytes=0-1', 'if-range': ifRange })).status
    expect([await status(modified), await status(etag)]).toEqual([206, 200])
  })
})

describe('files, the body', () => {
  const descriptors = () => readdirSync('/proc/self/fd').length
  const settled = () => new Promise((resolve) => setTimeout(resolve, 20))

  test('is closed by closeBody without having been read', async () => {
    await settled()
    const before = descriptors()
    const open: number[] = []
    await client(async (environ, startResponse) => {
      const { body } = await callApp(files(dir), environ)
      open.push(descriptors())
      await closeBody(body)
      return empty(environ, startResponse)
    }).get('/ten.txt')
    await settled()
    expect(open).toEqual([before + 1])
    expect(descriptors()).toBe(before)
  })

  test('leaves nothing open after HEAD, 304, 416 and a whole read', async () => {
    await settled()
    const before = descriptors()
    await site().head('/ten.txt')
    await get('/ten.txt', { 'if-none-match': '*' })
    await get('/ten.txt', { range: 'bytes=10-' })
    await get('/ten.txt')
    await settled()
    expect(descriptors()).toBe(before)
  })

  test('throws before the head for a file that can’t be opened', async () => {
    const socket = createServer().listen(join(dir, 'socket'))
    await once(socket, 'listening')
    const response = await get('/socket')
    socket.close()
    expect(response).toMatchObject({ status: 500, text: 'Internal Server Error\n' })
    expect(response.error).toMatchObject({ code: 'ENXIO' })
  })
})

describe('files, composed', () => {
  test('takes a file URL and a relative path', async () => {
    const byUrl = files(pathToFileURL(`${dir}/`))
    expect((await client(byUrl).get('/ten.txt')).text).toBe('0123456789')
    expect((await client(files('.')).get('/package.json')).status).toBe(200)
  })

  test.each(['nowhere', 'public/ten.txt'])('refuses %s, which is no folder', (name) => {
    const path = join(folder, name)
    expect(() => files(path)).toThrow(new TypeError(`files: dir must be a folder, got ${path}`))
  })

  test('lets clients keep files for maxAge seconds', async () => {
    const response = await site({ maxAge: 60 }).get('/ten.txt')
    expect(response.header('cache-control')).toBe('public, max-age=60')
    const forever = await site({ maxAge: 31_536_000, immutable: true }).get('/ten.txt')
    expect(forever.header('cache-control')).toBe('public, max-age=31536000, immutable')
  })

  test.each([-1, Number.NaN, Infinity])('refuses the maxAge %d', (maxAge) => {
    expect(() => files(dir, { maxAge })).toThrow(
      new TypeError(`files: maxAge must be a number of seconds of at least 0, got ${maxAge}`),
    )
  })

  test('refuses immutable without a maxAge', () => {
    expect(() => files(dir, { immutable: true })).toThrow(
      new TypeError('files: immutable must come with a maxAge of more than 0, got 0'),
    )
  })
})
