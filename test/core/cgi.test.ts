import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { PassThrough, Readable } from 'node:stream'
import { text as readText } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { json, readBody, text } from '@robaccia/core'
import type { App, Environ, Outcome } from '@robaccia/core'
import { runCgi } from '@robaccia/core/cgi'
import { lint } from '@robaccia/core/lint'

type Env = Readonly<Record<string, string>>

const get: Env = { REQUEST_METHOD: 'GET', SERVER_PROTOCOL: 'HTTP/1.1' }

async function run(
  app: App,
  env: Env,
  input = '',
): Promise<{ output: string; errors: string; outcome: Outcome }> {
  const stdout = new PassThrough()
  let errors = ''
  const output = readText(stdout)
  const outcome = await runCgi(lint(app), {
    env,
    stdin: Readable.from([Buffer.from(input)]),
    stdout,
    errors: { write: (line) => void (errors += line) },
  })
  stdout.end()
  return { output: await output, errors, outcome }
}

async function environOf(env: Env): Promise<Partial<Environ>> {
  const { output } = await run(
    (environ, startResponse) =>
      json(
        environ,
        startResponse,
        Object.fromEntries(
          Object.entries(environ).filter(([, value]) => typeof value === 'string'),
        ),
      ),
    { ...get, ...env },
  )
  // What the app has sent as JSON just now.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return JSON.parse(output.slice(output.indexOf('\r\n\r\n'))) as Partial<Environ>
}

describe('runCgi', () => {
  test('writes a status, headers and the body', async () => {
    const { output, outcome } = await run(
      (environ, startResponse) => text(environ, startResponse, 'hé', { status: 201 }),
      get,
    )
    expect(output).toBe(
      'Status: 201 Created\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: 3\r\n\r\nhé',
    )
    expect(outcome).toMatchObject({ status: 201, bytes: 3, aborted: false })
  })

  test.each([
    ['as it was sent', '/s/a%2Fb/%e9?x', '/s', '/a/b/\ufffd', '/s', '/a%2Fb/%e9'],
    ['without a script', '/a%20b', '', '/a b', '', '/a%20b'],
    ['of a script in an encoded folder', '/my%20cgi/s/a', '/my cgi/s', '/a', '/my%20cgi/s', '/a'],
    ['of the script itself', '/s?x', '/s', '', '/s', ''],
    ['that was rewritten to the script', '/blog/%41', '/main.cgi', '/blog/A', '', '/blog/%41'],
    ['that the server has changed otherwise', '/x/../y', '/s', '/z é?#', '/s', '/z%20%C3%A9%3F%23'],
    ['of an absolute target', 'http://example.org/s/a%2F', '/s', '/a/', '/s', '/a%2F'],
    ['of a script at the root', '/a', '/', '/a', '', '/a'],
  ])('has a path %s', async (_what, uri, script, info, scriptName, pathInfo) => {
    expect(
      await environOf({ REQUEST_URI: uri, SCRIPT_NAME: script, PATH_INFO: info }),
    ).toMatchObject({ SCRIPT_NAME: scriptName, PATH_INFO: pathInfo, REQUEST_URI: uri })
  })

  test('makes REQUEST_URI where the server gives none', async () => {
    expect(
      await environOf({ SCRIPT_NAME: '/s', PATH_INFO: '/a b', QUERY_STRING: 'x=1' }),
    ).toMatchObject({ PATH_INFO: '/a%20b', REQUEST_URI: '/s/a%20b?x=1' })
  })

  test('takes headers, and nothing else of the environment', async () => {
    const environ = await environOf({
      HTTP_HOST: 'example.org',
      HTTP_X_NAME: 'é',
      HTTP_PROXY: 'http://evil.example',
      CONTENT_TYPE: '',
      CONTENT_LENGTH: '',
      HTTP_CONTENT_LENGTH: '5',
      DATABASE_URL: 'secret',
      GATEWAY_INTERFACE: 'CGI/1.1',
    })
    expect(environ).toMatchObject({ HTTP_HOST: 'example.org', HTTP_X_NAME: '\u00c3\u00a9' })
    for (const key of ['HTTP_PROXY', 'CONTENT_TYPE', 'CONTENT_LENGTH', 'DATABASE_URL']) {
      expect(environ).not.toHaveProperty(key)
    }
  })

  test.each([
    [{ HTTPS: 'on' }, 'https'],
    [{ HTTPS: 'off' }, 'http'],
    [{ REQUEST_SCHEME: 'https' }, 'https'],
    [{}, 'http'],
  ])('reads the scheme of %j', async (env: Env, scheme) => {
    expect(await environOf(env)).toMatchObject({ 'robaccia.url_scheme': scheme })
  })

  test('reads as much of its input as CONTENT_LENGTH says', async () => {
    const echo: App = async (environ, startResponse) => {
      const bytes = await readBody(environ)
      return text(environ, startResponse, Buffer.from(bytes).toString())
    }
    const post = { ...get, REQUEST_METHOD: 'POST' }
    const { output } = await run(echo, { ...post, CONTENT_LENGTH: '5' }, 'hello and more')
    expect(output).toMatch(/\r\n\r\nhello$/)
    expect((await run(echo, post, 'unannounced')).output).toMatch(/\r\n\r\n$/)
    expect((await run(echo, { ...post, CONTENT_LENGTH: '5' }, 'hal')).output).toMatch(
      /^Status: 400 /,
    )
  })

  test('says aborted when the body fails after the head', async () => {
    const { output, errors, outcome } = await run((_environ, startResponse) => {
      startResponse(200, [])
      return (async function* () {
        yield 'half'
        throw new Error('swordfish')
      })()
    }, get)
    expect(output).toBe('Status: 200 OK\r\n\r\nhalf')
    expect(errors.match(/swordfish/g)).toHaveLength(1)
    expect(outcome).toMatchObject({ aborted: true, bytes: 4 })
  })

  test('refuses to run where there is no request', async () => {
    await expect(runCgi(() => [], { env: {} })).rejects.toThrow(
      new TypeError('a CGI request must have REQUEST_METHOD in its environment, got none'),
    )
  })
})

describe('a process that its web server ends', () => {
  /** Runs an app by CGI in a process, which says on standard error how it ended, and ends it when it first says anything. */
  async function terminated(app: string) {
    const script = `
      import { runCgi } from ${JSON.stringify(import.meta.resolve('@robaccia/core/cgi'))}
      const app = ${app}
      const told = (environ, startResponse) => {
        environ['robaccia.server'].after(async ({ aborted }) => {
          await new Promise((resolve) => setTimeout(resolve, 50))
          process.stderr.write(aborted ? 'aborted' : 'finished')
        })
        return app(environ, startResponse)
      }
      await runCgi(told)`
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { env: get })
    const errors = readText(child.stderr)
    void Promise.race([once(child.stdout, 'data'), once(child.stderr, 'data')]).then(() =>
      child.kill('SIGTERM'),
    )
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
    return { code, signal, errors: await errors }
  }

  test('runs what is owed after the response that it has', async () => {
    const app = `(environ, startResponse) => (startResponse(200, []), ['hello'])`
    expect(await terminated(app)).toEqual({ code: 0, signal: null, errors: 'finished' })
  })

  test('closes a stream that it does not want to the end', async () => {
    const app = `(environ, startResponse) => {
      startResponse(200, [])
      return (async function* () {
        for (;;) {
          yield 'tick'
          await new Promise((resolve) => setTimeout(resolve, 10))
        }
      })()
    }`
    expect(await terminated(app)).toEqual({ code: null, signal: 'SIGTERM', errors: 'aborted' })
  })

  test('does not wait for a stream that hears nothing', async () => {
    const app = `(environ, startResponse) => {
      startResponse(200, [])
      return (async function* () {
        yield 'tick'
        setInterval(() => {}, 1000)
        await new Promise(() => {})
      })()
    }`
    expect(await terminated(app)).toEqual({ code: null, signal: 'SIGTERM', errors: 'aborted' })
  })

  test('waits some seconds for what is owed, and no longer', async () => {
    const app = `(environ, startResponse) => {
      environ['robaccia.server'].after(() => {
        setInterval(() => {}, 1000)
        return new Promise(() => {})
      })
      startResponse(200, [])
      return ['hello']
    }`
    expect(await terminated(app)).toEqual({ code: null, signal: 'SIGTERM', errors: '' })
  }, 15_000)

  test('waits some seconds for an app that has not answered', async () => {
    const app = `() => {
      process.stderr.write('asked ')
      setInterval(() => {}, 1000)
      return new Promise(() => {})
    }`
    expect(await terminated(app)).toEqual({ code: null, signal: 'SIGTERM', errors: 'asked ' })
  })
})
