import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { readBody, serve, text } from '@robaccia/core'
import type { App, ServeOptions, Serving } from '@robaccia/core'
import { exchange } from '../adapters/socket.js'

const hello: App = (environ, startResponse) => text(environ, startResponse, 'hello')

describe('serve', () => {
  const running: Serving[] = []
  afterEach(async () => {
    await Promise.all(running.splice(0).map((each) => each.close()))
  })

  async function serving(app: App, options: ServeOptions = {}): Promise<Serving> {
    const each = await serve(app, { port: 0, signals: false, ...options })
    running.push(each)
    return each
  }

  async function get(url: string): Promise<string> {
    const response = await fetch(url)
    return response.text()
  }

  test('listens on both loopback addresses by one port', async () => {
    const { port, url } = await serving(hello)
    expect(url).toBe(`http://localhost:${port}`)
    expect(await get(`http://127.0.0.1:${port}`)).toBe('hello')
    expect(await get(`http://[::1]:${port}`)).toBe('hello')
  })

  test('listens on one host when told to', async () => {
    const { port, url } = await serving(hello, { host: '127.0.0.1' })
    expect(url).toBe(`http://127.0.0.1:${port}`)
    await expect(fetch(`http://[::1]:${port}`)).rejects.toThrow()
  })

  test('says which port is taken', async () => {
    const { port } = await serving(hello)
    await expect(serving(hello, { port })).rejects.toMatchObject({
      code: 'EADDRINUSE',
      message: `port ${port} of 127.0.0.1 is taken by another program`,
    })
  })

  test('says which host is not known', async () => {
    await expect(serving(hello, { host: 'nowhere.invalid' })).rejects.toThrow(
      /^host nowhere.invalid is not known|could not be opened/,
    )
  })

  test('refuses what is no app', async () => {
    // @ts-expect-error: not an app
    await expect(serving(undefined)).rejects.toThrow(
      new TypeError('what serve is given must be an app, got undefined'),
    )
  })

  test.each([-1, 65_536, 1.5, Number.NaN])('refuses the port %d', async (port) => {
    await expect(serving(hello, { port })).rejects.toThrow(
      `serve's port must be an integer from 0 to 65535, got ${port}`,
    )
  })

  test('finishes what runs, then closes what it was using, in order', async () => {
    const order: string[] = []
    const slow: App = async (environ, startResponse) => {
      order.push('asked')
      await sleep(200)
      order.push('answered')
      return text(environ, startResponse, 'slow')
    }
    const using = ['db', 'cache'].map((name) => ({ close: () => void order.push(name) }))
    const { url, close } = await serving(slow, { using })
    const answer = get(url)
    await expect.poll(() => order).toEqual(['asked'])
    await close()
    expect(order).toEqual(['asked', 'answered', 'db', 'cache'])
    expect(await answer).toBe('slow')
    await expect(fetch(url)).rejects.toThrow()
  })

  test('answers every request that has come when it is told to close, and says that it is the last', async () => {
    const slow: App = async (environ, startResponse) => {
      await sleep(20)
      return hello(environ, startResponse)
    }
    const { port, close } = await serving(slow)
    const answers = Array.from({ length: 100 }, async () => {
      const socket = connect(port, '127.0.0.1')
      await once(socket, 'connect')
      socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
      const chunks = await socket
        .on('error', () => {})
        .toArray()
        .catch(() => [])
      return Buffer.concat(chunks).toString()
    })
    await sleep(5)
    await close()
    for (const answer of await Promise.all(answers)) {
      expect(answer).toMatch(/\r\nConnection: close\r\n.*hello$/s)
    }
  })

  test('closes what it was using when all that was added with after has run', async () => {
    const order: string[] = []
    const { url, close } = await serving(
      (environ, startResponse) => {
        environ['robaccia.server'].after(async () => {
          await sleep(100)
          order.push('after')
        })
        return hello(environ, startResponse)
      },
      { using: [{ close: () => void order.push('db') }] },
    )
    await get(url)
    await close()
    expect(order).toEqual(['after', 'db'])
  })

  test('closes all that it was using, and rejects with what failed', async () => {
    let closes = 0
    const using = [
      {
        close() {
          throw new Error('the database is busy')
        },
      },
      { close: () => void (closes += 1) },
    ]
    const server = await serve(hello, { port: 0, signals: false, using })
    await expect(server.close()).rejects.toThrow('the database is busy')
    expect(closes).toBe(1)
  })

  test('cuts what takes longer than the grace', async () => {
    const stuck: App = () => new Promise(() => {})
    const { url, close } = await serving(stuck, { grace: 100 })
    const answer = fetch(url).then(
      () => 'answered',
      () => 'cut',
    )
    await sleep(50)
    await close()
    expect(await answer).toBe('cut')
  })

  test('runs what was added with after also when it cuts', async () => {
    let aborted: boolean | undefined
    const endless: App = (environ, startResponse) => {
      environ['robaccia.server'].after((outcome) => void ({ aborted } = outcome))
      startResponse(200, [])
      return (async function* () {
        for (;;) {
          yield 'tick '
          await sleep(10)
        }
      })()
    }
    const { url, close } = await serving(endless, { grace: 50 })
    const response = await fetch(url)
    await close()
    expect(aborted).toBe(true)
    await expect(response.text()).rejects.toThrow()
  })

  test('does not wait for connections that have asked nothing', async () => {
    const { port, close } = await serving(hello)
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    const asked = performance.now()
    await close()
    expect(performance.now() - asked).toBeLessThan(2000)
    socket.destroy()
  })

  test('does not wait for connections that are kept alive', async () => {
    const { port, close } = await serving(hello)
    const socket = connect(port, '127.0.0.1')
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await once(socket, 'data')
    const asked = performance.now()
    await close()
    expect(performance.now() - asked).toBeLessThan(1000)
  })

  describe.each(['koa', 'node'] as const)('on %s', (server) => {
    const post = 'POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n'

    test('asks for a body that the client holds back once it is read', async () => {
      let read = (): void => {}
      const reads: App = async (environ, startResponse) => {
        await new Promise<void>((resolve) => (read = resolve))
        return text(environ, startResponse, new TextDecoder().decode(await readBody(environ)))
      }
      const { port } = await serving(reads, { server, grace: 100 })
      const socket = connect(port, '127.0.0.1')
      const received: string[] = []
      socket.on('data', (chunk: Buffer) => received.push(chunk.toString()))
      socket.write(post)
      await sleep(50)
      expect(received).toEqual([])
      read()
      await expect.poll(() => received).toEqual(['HTTP/1.1 100 Continue\r\n\r\n'])
      socket.write('hello')
      await expect.poll(() => received.join('')).toMatch(/keep-alive\r\n.*\r\n\r\nhello$/is)
      socket.destroy()
    })

    test('does not ask for a body that nobody reads, and closes where it would come', async () => {
      const { port } = await serving(hello, { server })
      const answer = await exchange(port, post)
      expect(answer).toMatch(/^HTTP\/1.1 200 OK\r\n.*\r\nConnection: close\r\n.*hello$/s)
    })

    test('asks for no body after the head, which the client would take for a part of it', async () => {
      const { port } = await serving(
        (environ, startResponse) => {
          startResponse(200, [])
          return (async function* () {
            yield ''
            await sleep(20)
            yield* environ['robaccia.input']
          })()
        },
        { server },
      )
      expect(await exchange(port, `${post}hello`)).not.toMatch(/\r\n\r\nHTTP\/1.1 100/)
    })

    test('closes after a request of HTTP/1.0 in chunks, whose end others may see elsewhere', async () => {
      const { port } = await serving(hello, { server })
      const head = 'POST / HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n'
      expect(await exchange(port, `${head}0\r\n\r\n`)).toMatch(/\r\nConnection: close\r\n/)
    })
  })

  test.each([
    ['headers', 'GET / HTTP/1.1\r\nHost: a\r\n', /^HTTP\/1.1 408 /],
    ['request', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf', /^HTTP\/1.1 408 /],
    ['idle', '', /^$/],
  ])('closes a connection that is late with its %s', async (name, sent, answered) => {
    const reads: App = async (environ, startResponse) => {
      for await (const _chunk of environ['robaccia.input']);
      return hello(environ, startResponse)
    }
    const { port } = await serving(reads, {
      timeouts: { headers: 400, request: 400, idle: 200, [name]: 100 },
    })
    const socket = connect(port, '127.0.0.1')
    if (name === 'idle') {
      socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
      await once(socket, 'data')
    } else socket.write(sent)
    const chunks: unknown[] = await socket.toArray()
    expect(chunks.join('')).toMatch(answered)
  })

  test('answers headers that are too long with 431', async () => {
    const { port } = await serving(hello, { maxHeaderSize: 1000 })
    const socket = connect(port, '127.0.0.1')
    socket.write(`GET / HTTP/1.1\r\nHost: a\r\nX-Long: ${'x'.repeat(1000)}\r\n\r\n`)
    const chunks: unknown[] = await socket.toArray()
    expect(chunks.join('')).toMatch(/^HTTP\/1.1 431 /)
  })

  test.each([
    [{ timeouts: { headers: 0 } }, 'timeouts.headers must be at least 1 millisecond, got 0'],
    [{ timeouts: { idle: Number.NaN } }, 'timeouts.idle must be at least 1 millisecond, got NaN'],
    [{ maxHeaderSize: 0.5 }, 'maxHeaderSize must be a whole number of bytes, got 0.5'],
  ])('refuses the limits %j', async (options, message) => {
    await expect(serving(hello, options)).rejects.toThrow(new TypeError(`serve's ${message}`))
  })

  test('still answers by an idle connection for a moment, and says that it was the last', async () => {
    const { port, close } = await serving(hello)
    const socket = connect(port, '127.0.0.1')
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await once(socket, 'data')
    const closed = close()
    await sleep(50)
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    const chunks: unknown[] = await socket.toArray()
    expect(chunks.join('')).toMatch(/\r\nConnection: close\r\n.*hello$/s)
    await closed
  })

  test.each(['koa', 'node'] as const)(
    'loses no request of 200 connections at SIGTERM, on %s',
    async (server) => {
      const program = `
        import { serve } from '@robaccia/core'
        const { port, closed } = await serve(
          async (environ, startResponse) => {
            await new Promise((done) => setTimeout(done, 5))
            startResponse(200, [])
            return ['finished']
          },
          { port: 0, host: '127.0.0.1', server: '${server}' },
        )
        console.log(port)
        await closed
      `
      const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
        cwd: import.meta.dirname,
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const exit = once(child, 'exit')
      const [line]: unknown[] = await once(child.stdout, 'data')
      const port = Number(String(line))
      let answered = 0
      const lost: string[] = []
      let stopped = false
      // Asks again and again, until an answer says that it is the last, or the connection closes between two requests.
      async function ask(): Promise<void> {
        const socket = connect(port, '127.0.0.1')
        await once(socket, 'connect')
        // Its close says the same.
        socket.on('error', () => {})
        for (let last = false; !last;) {
          if (stopped && !socket.writable) return
          socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
          const answer = await new Promise<string>((resolve) => {
            const done = (): void => resolve('')
            socket.once('data', (chunk: Buffer) => {
              socket.off('close', done)
              resolve(chunk.toString())
            })
            socket.once('close', done)
          })
          if (answer.endsWith('finished')) answered += 1
          else lost.push(answer)
          last = answer === '' || /\r\nconnection: close\r\n/i.test(answer)
        }
        socket.destroy()
      }
      const asking = Promise.all(Array.from({ length: 200 }, ask))
      await expect.poll(() => answered).toBeGreaterThan(1000)
      stopped = true
      child.kill('SIGTERM')
      await asking
      expect(lost).toEqual([])
      expect(await exit).toEqual([0, null])
    },
  )

  test('closes once, however often it is told to', async () => {
    let closes = 0
    const { close } = await serving(hello, { using: [{ close: () => void (closes += 1) }] })
    await Promise.all([close(), close()])
    expect(closes).toBe(1)
  })

  test.each(['SIGINT', 'SIGTERM'] as const)('shuts down on %s', async (signal) => {
    const program = `
      import { serve } from '@robaccia/core'
      const { port, closed } = await serve(
        async (environ, startResponse) => {
          await new Promise((done) => setTimeout(done, 300))
          startResponse(200, [])
          return ['finished']
        },
        { port: 0, using: [{ close: () => console.log('closed') }] },
      )
      console.log(port)
      await closed
    `
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
      cwd: import.meta.dirname,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const output: string[] = []
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk.toString()))
    await expect.poll(() => output.join('')).toMatch(/\d+\n/)
    const answer = get(`http://127.0.0.1:${Number(output.join(''))}`)
    await sleep(100)
    child.kill(signal)
    const [code] = await once(child, 'exit')
    expect(await answer).toBe('finished')
    expect(output.join('')).toMatch(/closed\n$/)
    expect(code).toBe(0)
  })
})
