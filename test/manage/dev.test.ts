// `manage dev` as a process, on an application that is edited meanwhile.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, rename, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { childrenOf, followed, follower, isAlive, startDev } from './dev-app.js'
import type { DevApp } from './dev-app.js'

/** Time enough for a change to have an effect, where it should have none. */
const MOMENT = 600

describe('a page under manage dev', { timeout: 30_000 }, () => {
  let app: DevApp
  const leave: (() => Promise<void>)[] = []

  beforeAll(async () => {
    app = await startDev({ leave: (fn) => leave.push(fn) })
  }, 30_000)
  afterAll(() => Promise.all(leave.map((fn) => fn())))

  function echo(query: Readonly<Record<string, string>>): Promise<Response> {
    return app.page(`/echo?${new URLSearchParams(query).toString()}`)
  }

  it('follows by a script in its head, which the policy allows and nothing else', async () => {
    const response = await app.page('/')
    const markup = await response.text()
    expect(markup).toMatch(/^<!DOCTYPE html><script async src="\/\.robaccia\/follow\.js"/)
    const nonce = follower(markup)?.nonce ?? ''
    expect(nonce).not.toBe('')
    expect(response.headers.get('content-security-policy')).toBe(
      `default-src 'none'; style-src 'self'; script-src 'nonce-${nonce}'; ` +
        `connect-src ${app.url}/.robaccia/events`,
    )
    expect(follower(await (await app.page('/')).text())?.nonce).not.toBe(nonce)
  })

  it('is sent whole, neither compressed nor kept', async () => {
    const response = await app.page('/', {
      headers: { 'accept-encoding': 'br', 'if-none-match': '"1"', range: 'bytes=0-3' },
    })
    expect(response.status).toBe(200)
    expect(response.headers.get('content-encoding')).toBeNull()
    expect(response.headers.get('etag')).toBeNull()
    expect(response.headers.get('cache-control')).toBe('no-store')
    const length = Number(response.headers.get('content-length'))
    expect((await response.arrayBuffer()).byteLength).toBe(length)
  })

  it('has the same head for HEAD', async () => {
    const [get, head] = [await app.page('/'), await app.page('/', { method: 'HEAD' })]
    for (const name of ['content-type', 'content-length', 'cache-control', 'etag']) {
      expect(head.headers.get(name)).toBe(get.headers.get(name))
    }
    expect(await head.text()).toBe('')
  })

  it('is known by what it accepts where the browser does not say what it is for', async () => {
    expect(follower(await (await app.get('/', { accept: 'text/html' })).text())).toBeDefined()
    expect(follower(await (await app.get('/', { accept: '*/*' })).text())).toBeUndefined()
    const part = { accept: 'text/html', 'sec-fetch-dest': 'empty' }
    expect(follower(await (await app.get('/', part)).text())).toBeUndefined()
  })

  it.each([
    ['<!doctype html><p>x', '<!doctype html>', '<p>x'],
    ['\uFEFF\n<!-- a --> <!DOCTYPE HTML><p>x', '\uFEFF\n<!-- a --> <!DOCTYPE HTML>', '<p>x'],
    ['<html><p>x', '', '<html><p>x'],
    [
      '<!doctype html SYSTEM "about:legacy-compat">',
      '<!doctype html SYSTEM "about:legacy-compat">',
      '',
    ],
  ])('has the script where its head begins: %j', async (body, before, after) => {
    const type = 'text/html; charset=utf-8'
    const markups = await Promise.all(
      [{}, { chunk: '1' }, { chunk: '7' }].map(async (chunk) => {
        const bytes = await (await echo({ body, type, ...chunk })).arrayBuffer()
        return Buffer.from(bytes).toString()
      }),
    )
    for (const markup of markups) {
      expect(markup.startsWith(`${before}<script async`)).toBe(true)
      expect(markup.endsWith(`</script>${after}`)).toBe(true)
    }
  })

  it.each([
    [{ body: '<p>a fragment' }],
    [{ body: '<p>a fragment', chunk: '1' }],
    [{ body: '<!-- no end', chunk: '3' }],
    [{ body: '' }],
    [{ body: '<!doctype html>', type: 'text/plain' }],
    [{ body: '<!doctype html>', type: 'application/xhtml+xml' }],
    [{ body: '<!doctype html>', disposition: 'attachment; filename=a.html' }],
  ])('is left as it is if it is none: %j', async (query) => {
    expect(await (await echo(query)).text()).toBe(query.body)
  })

  it('is no 304 or 204', async () => {
    for (const status of ['204', '304']) {
      const response = await echo({ status, policy: "default-src 'none'" })
      expect(response.status).toBe(Number(status))
      expect(response.headers.get('content-security-policy')).toBe("default-src 'none'")
    }
  })

  it.each([
    ["script-src 'self'; connect-src *", "script-src 'self' NONCE; connect-src * EVENTS"],
    ["script-src-elem 'none'; script-src x:", 'script-src-elem NONCE; script-src x:'],
    [
      "default-src 'self' x:",
      "default-src 'self' x:; script-src 'self' x: NONCE; connect-src 'self' x: EVENTS",
    ],
    ["script-src 'unsafe-inline'", "script-src 'unsafe-inline' SCRIPT"],
    ["script-src 'unsafe-inline' 'nonce-a'", "script-src 'unsafe-inline' 'nonce-a' NONCE"],
    ["Script-Src 'strict-dynamic' 'NONE'", "script-src 'strict-dynamic' NONCE"],
    ["img-src 'self';", "img-src 'self'"],
    ["script-src a:; script-src b:, connect-src 'none'", 'script-src a: NONCE, connect-src EVENTS'],
  ])('has its script allowed under %j', async (policy, expected) => {
    const response = await echo({ policy, body: '<!doctype html>' })
    const nonce = follower(await response.text())?.nonce
    expect(response.headers.get('content-security-policy')).toBe(
      expected
        .replaceAll('NONCE', `'nonce-${nonce}'`)
        .replaceAll('EVENTS', `${app.url}/.robaccia/events`)
        .replaceAll('SCRIPT', `${app.url}/.robaccia/follow.js`),
    )
  })

  it('follows by an address that no policy can name, too', async () => {
    const url = app.url.replace('localhost', '[::1]')
    const response = await fetch(`${url}/`, { headers: { accept: 'text/html' } })
    expect(response.headers.get('content-security-policy')).toMatch(/; connect-src 'self'$/)
  })

  it('leaves everything else to the application', async () => {
    const style = await app.get('/static/style.css')
    const etag = style.headers.get('etag') ?? ''
    expect(style.headers.get('content-encoding')).not.toBeNull()
    expect((await app.get('/static/style.css', { 'if-none-match': etag })).status).toBe(304)
    expect(await (await app.get('/development')).text()).toBe('true')
    expect((await app.get('/.robaccia/other')).status).toBe(404)
  })

  it('is refused for a name that leads here from elsewhere', async () => {
    const status = (host: string): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        request(`${app.url}/.robaccia/events`, { headers: { host } }, (response) => {
          resolve(response.statusCode)
          response.destroy()
        })
          .on('error', reject)
          .end()
      })
    for (const host of [
      'localhost',
      'app.localhost:1',
      '127.0.0.1:8080',
      '[::1]',
      'blog.example',
    ]) {
      expect([host, await status(host)]).toEqual([host, 200])
    }
    for (const host of ['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example']) {
      expect([host, await status(host)]).toEqual([host, 421])
    }
  })

  describe('of an error', () => {
    it('shows the stack in the sources', async () => {
      const response = await app.page('/fail')
      expect(response.status).toBe(500)
      const markup = await response.text()
      expect(markup).toContain('boom &lt;/title&gt;&lt;script&gt;')
      expect(markup).toMatch(/site\.ts/)
      expect(markup).toContain('<div class="line-highlight"')
      expect(markup).toContain('no answer from')
      expect(follower(markup)).toMatchObject({ 'data-method': 'GET' })
    })

    it('holds nothing of the error as markup', async () => {
      const markup = await (await app.page('/fail', { headers: { 'x-a&lt': 'x' } })).text()
      expect(markup).not.toContain('<script>alert')
      expect(markup).not.toContain('<img src=x')
      expect(markup).toContain('&lt;img src=x')
      expect(markup).toContain('HTTP_X_A&#38;LT')
    })

    it('masks what is secret', async () => {
      const response = await app.page('/fail?api_key=query-secret&page=2', {
        headers: {
          cookie: 'session=cookie-secret',
          authorization: 'Bearer header-secret',
          'x-csrf-token': 'token-secret',
          'x-shown': 'shown <b>',
          referer: `${app.url}/?password=referer-secret`,
        },
      })
      const markup = await response.text()
      expect(markup).toContain('HTTP_COOKIE')
      expect(markup).toContain('shown &lt;b&gt;')
      expect(markup).toContain('page=2')
      expect(markup).toContain('postgres://joe:')
      expect(markup).not.toMatch(
        /(?:query|cookie|header|token|referer)-secret|of the environment|sw0rdfish/,
      )
      const causes = markup.slice(markup.indexOf('>Cause<'))
      expect(causes).toContain('no answer from postgres://joe:\u2022\u2022\u2022@localhost')
    })

    it('shows the line of a template', async () => {
      const markup = await (await app.page('/broken')).text()
      expect(markup).toContain('TemplateError')
      expect(markup).toContain('row is undefined')
      expect(markup.indexOf('templates/broken.html.pug')).toBeGreaterThan(0)
      expect(markup).toContain('p= row.title')
    })

    it('comes for a stream that breaks before it begins, not afterwards', async () => {
      const response = await app.page('/fail-early')
      expect(response.status).toBe(500)
      expect(await response.text()).toContain('the stream broke')
      const begun = await app.page('/fail-early?begun')
      expect(begun.status).toBe(200)
      await expect(begun.text()).rejects.toThrow(TypeError)
    })

    it('comes for pages only, and not for what a client did wrong', async () => {
      expect(await (await app.get('/fail')).text()).toBe('sorry')
      const gone = await app.page('/gone')
      expect([gone.status, await gone.text()]).toEqual([410, 'sorry'])
    })

    it('is not sent again by itself after a form', async () => {
      const markup = await (await app.page('/fail', { method: 'POST' })).text()
      expect(follower(markup)).toMatchObject({ 'data-method': 'other' })
    })

    it('is told in the terminal too, once', async () => {
      const told = app.printing(/GET \/broken failed: TemplateError/)
      const before = app.printed().length
      await app.page('/broken')
      await told
      expect(
        app
          .printed()
          .slice(before)
          .match(/failed:/g),
      ).toHaveLength(1)
    })
  })
})

describe('manage dev', { timeout: 60_000 }, () => {
  let app: DevApp
  const leave: (() => Promise<void>)[] = []

  beforeAll(async () => {
    app = await startDev({ leave: (fn) => leave.push(fn) })
    await app.page('/')
  }, 60_000)
  afterAll(() => Promise.all(leave.map((fn) => fn())))

  const says = (words: string): string => `export const words = '${words}'\n`
  const home = async (): Promise<string> => (await app.page('/')).text()
  const events = (): ReturnType<typeof followed> => followed(app.url)

  it('restarts for code that is loaded, says why, and keeps its port', async () => {
    const restarted = app.printing(/^words\.ts changed: restarted in \d+\.\d s$/m)
    await app.write('words.ts', says('second words'))
    await restarted
    expect(await home()).toContain('second words')
  })

  it('shows an edited template and a style sheet without a restart', async () => {
    const children = await childrenOf(app.pid)
    expect(children).toHaveLength(1)
    const told = await events()
    const first = (await told.next()).value
    expect(first).toEqual({ version: follower(await home())?.['data-version'] })
    // The application says that it may be kept for an hour, and has a cache.
    const kept = async (): Promise<string[]> =>
      Promise.all(
        [app.page('/kept'), app.get('/kept')].map(async (answer) => (await answer).text()),
      )
    for (const markup of [...(await kept()), ...(await kept())]) {
      expect(markup).toContain('first heading')
    }

    await app.edit('templates/page.html.pug', 'first', 'second')
    const second = (await told.next()).value
    expect(second).toMatchObject({ previous: first?.version, styles: false })
    for (const markup of [await home(), ...(await kept())]) {
      expect(markup).toContain('second heading')
    }

    await app.edit('public/static/style.css', '1, 1, 1', '2, 2, 2')
    expect((await told.next()).value).toMatchObject({ previous: second?.version, styles: true })
    expect(app.printed()).toContain('templates/page.html.pug changed: pages reloaded\n')
    expect(app.printed()).toContain('public/static/style.css changed: style sheets reloaded\n')
    expect(await childrenOf(app.pid)).toEqual(children)
  })

  it('passes over files that nothing is made of', async () => {
    const before = app.printed()
    await mkdir(join(app.folder, 'dist'))
    const files = ['unused.ts', 'blog.db', 'notes.log', 'data.json', 'dist/a.css', '.hidden.css']
    for (const file of files) await app.write(file, 'changed')
    await sleep(MOMENT)
    expect(app.printed()).toBe(before)
  })

  it('takes edits that come together for one, also those of an editor that replaces files', async () => {
    const before = app.printed().length
    const restarted = app.printing(/ changed: restarted/)
    await app.edit('site.ts', 'Pages of', 'Some pages of')
    await app.write('.words.tmp', says('replaced words'))
    await rename(join(app.folder, '.words.tmp'), join(app.folder, 'words.ts'))
    await app.edit('templates/page.html.pug', 'second', 'third')
    await restarted
    expect(await home()).toMatch(/third heading.*replaced words/s)
    await sleep(MOMENT)
    expect(
      app
        .printed()
        .slice(before)
        .match(/restarted/g),
    ).toHaveLength(1)
  })

  it('lets pages that followed the last application follow the next', async () => {
    const told = await events()
    const first = (await told.next()).value
    const restarted = app.printing(/ changed: restarted/)
    await app.write('words.ts', says('third words'))
    expect(await told.next()).toMatchObject({ done: true })
    const second = (await (await events()).next()).value
    await restarted
    expect(second).not.toEqual(first)
  })

  it('shows code that does not compile, and the next edit mends it', async () => {
    const told = app.printing(
      /^words\.ts changed: words\.ts:2: Unexpected end of file; the next change of code/m,
    )
    await app.write('words.ts', 'export const words = (\n')
    await told
    const response = await app.page('/')
    const markup = await response.text()
    expect(response.status).toBe(500)
    expect(markup).toContain('The application does not run')
    expect(markup).toContain('Unexpected end of file')
    expect(markup).toContain('words.ts')
    const script = await app.get('/')
    expect(script.status).toBe(500)
    expect(await script.text()).toMatch(/^The application does not run: .*Unexpected end/s)
    const following = await events()
    const first = (await following.next()).value
    expect(first).toEqual({ version: follower(markup)?.['data-version'] })

    await app.write('words.ts', says('mended words'))
    // Whoever follows is cut off, and comes again.
    await expect(following.next()).rejects.toThrow(TypeError)
    expect(await home()).toContain('mended words')
    expect((await (await events()).next()).value).not.toEqual(first)
  })

  it('starts again when the file is there that was missing', async () => {
    const told = app.printing(/Cannot find module .*the next change of code/)
    await rm(join(app.folder, 'words.ts'))
    await told
    const restarted = app.printing(/ changed: restarted/)
    await app.write('words.ts', says('found words'))
    await restarted
    expect(await home()).toContain('found words')
  })

  it('tells of an application that ends by itself, and starts it again', async () => {
    const told = app.printing(/thrown by a timer; the next change/)
    await app.get('/die').catch(() => {}) // the answer may not leave in time
    await told
    expect(await home()).toContain('thrown by a timer')
    await app.write('words.ts', says('living words'))
    await vi.waitFor(async () => expect(await home()).toContain('living words'), 20_000)
  })

  it('does not wait for answers without end', async () => {
    const response = await app.get('/endless')
    const restarted = app.printing(/ changed: restarted/)
    await app.write('words.ts', says('last words'))
    await restarted
    await expect(response.text()).rejects.toThrow(TypeError)
    expect(await home()).toContain('last words')
  })

  it('has patience with an application that takes long to start, and so has its page', async () => {
    const slow = 'await new Promise((resolve) => setTimeout(resolve, 12_000))\n'
    await app.write('words.ts', slow + says('slow words'))
    await sleep(MOMENT)
    const response = await app.page('/')
    const markup = await response.text()
    expect([response.status, markup]).toEqual([503, expect.stringContaining('still starting')])
    const following = await events()
    const first = (await following.next()).value
    expect(first).toEqual({ version: follower(markup)?.['data-version'] })
    await expect(following.next()).rejects.toThrow(TypeError)
    expect((await (await events()).next()).value).not.toEqual(first)
    expect(await home()).toContain('slow words')
  })

  it('kills an application that does not end, and starts the next', async () => {
    const [stuck = 0] = await childrenOf(app.pid)
    void app.get('/stuck').catch(() => {})
    await sleep(MOMENT)
    await app.write('words.ts', says('words after all'))
    await vi.waitFor(async () => expect(await home()).toContain('words after all'), 20_000)
    expect(isAlive(stuck)).toBe(false)
  })
})

describe('manage dev, in the end', { timeout: 60_000 }, () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    'ends at %s with 0 and leaves no process',
    async (signal) => {
      const app = await startDev()
      await app.page('/')
      const children = await childrenOf(app.pid)
      expect(children).toHaveLength(1)
      // A connection that says nothing holds nobody up.
      const silent = connect(Number(new URL(app.url).port), '127.0.0.1')
      await once(silent, 'connect')
      app.signal(signal)
      expect(await app.ended).toEqual([0, null])
      expect(children.filter(isAlive)).toEqual([])
      silent.destroy()
    },
  )

  it('leaves no process when it is killed, not even one that never rests', async () => {
    const app = await startDev()
    await app.page('/')
    const children = await childrenOf(app.pid)
    void app.get('/stuck').catch(() => {})
    await sleep(MOMENT)
    app.signal('SIGKILL')
    await app.ended
    await vi.waitFor(() => expect(children.filter(isAlive)).toEqual([]), 20_000)
  })

  it('ends when what started it is gone', async () => {
    const app = await startDev({ by: ['sh', '-c', '"$0" "$@" & wait'] })
    await app.page('/')
    const [dev = 0] = await childrenOf(app.pid)
    const all = [dev, ...(await childrenOf(dev))]
    expect(all).toHaveLength(2)
    app.signal('SIGKILL')
    await vi.waitFor(() => expect(all.filter(isAlive)).toEqual([]), 20_000)
  })

  it('ends with 1 when its folder is gone', async () => {
    const app = await startDev()
    await app.page('/')
    const children = await childrenOf(app.pid)
    await rm(app.folder, { recursive: true })
    expect(await app.ended).toEqual([1, null])
    expect(app.printed()).toContain(`error: the application's folder is gone: ${app.folder}\n`)
    expect(children.filter(isAlive)).toEqual([])
  })

  it('gives one line for a taken port', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const address = other.address()
    const port = typeof address === 'object' ? String(address?.port) : ''
    const fixture = join(import.meta.dirname, 'fixture/manage.ts')
    const child = spawn(process.execPath, ['--import', 'tsx', fixture, 'dev', '--port', port], {
      cwd: join(import.meta.dirname, '../..'),
      stdio: 'pipe',
    })
    const [err, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')])
    other.close()
    expect(code).toBe(1)
    expect(err).toBe(
      `error: port ${port} of 127.0.0.1 is taken by another program: choose another with --port or PORT\n`,
    )
  })
})
