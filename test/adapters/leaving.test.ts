import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { App, Outcome } from '@robaccia/core'
import { capabilities } from '@robaccia/core/lint'
import { servers } from './servers.js'
import type { TestServer } from './servers.js'

const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'

const { instead } = capabilities.left
const told = servers.filter(({ name }) => instead[name] === undefined)
const untold = servers.filter(({ name }) => instead[name] !== undefined)

describe.each(told)('a client that leaves $name', ({ start }) => {
  async function serving(app: App): Promise<TestServer> {
    const server = await start(app)
    onTestFinished(() => server.close())
    return server
  }

  function ask(port: number, text = get): Socket {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {})
    socket.write(text)
    return socket
  }

  test('before the first chunk has its body closed, also if that chunk never comes', async () => {
    let asked = false
    let closes = 0
    const { port } = await serving((_environ, startResponse) => {
      startResponse(200, [])
      return {
        close: () => void (closes += 1),
        async *[Symbol.asyncIterator]() {
          asked = true
          await new Promise(() => {})
          yield ''
        },
      }
    })
    const socket = ask(port)
    await expect.poll(() => asked).toBe(true)
    socket.destroy()
    await expect.poll(() => closes).toBe(1)
  })

  test('learns nothing of a body that fails to close, but the operator does', async () => {
    let asked = false
    const server = await serving((_environ, startResponse) => {
      startResponse(200, [])
      return {
        close() {
          throw new Error('the cursor has gone')
        },
        async *[Symbol.asyncIterator]() {
          asked = true
          await new Promise(() => {})
          yield ''
        },
      }
    })
    const socket = ask(server.port)
    await expect.poll(() => asked).toBe(true)
    socket.destroy()
    await expect.poll(() => server.errors().match(/the cursor has gone/g)).toHaveLength(1)
  })

  test.each([
    ['array', () => ['late']],
    [
      'stream',
      () =>
        (async function* () {
          yield 'late'
        })(),
    ],
  ])(
    'before the app has settled still has its %s closed, then what was added with after run',
    async (_kind, make) => {
      const order: string[] = []
      let asked = false
      let outcome: Outcome | undefined
      const server = await serving(async (environ, startResponse) => {
        const { signal, after } = environ['robaccia.server']
        const add = after.bind(environ['robaccia.server'])
        add((each) => {
          outcome = each
          order.push('early')
        })
        asked = true
        await new Promise((left) => signal.addEventListener('abort', left))
        await sleep(20)
        add(() => void order.push('late'))
        startResponse(200, [])
        return Object.assign(make(), { close: () => void order.push('close') })
      })
      const socket = ask(server.port)
      await expect.poll(() => asked).toBe(true)
      socket.destroy()
      await expect.poll(() => order).toEqual(['close', 'late', 'early'])
      expect(outcome).toMatchObject({ aborted: true, bytes: 0 })
      expect(server.errors()).toBe('')
    },
  )

  test.each([
    ['first', 0],
    ['second', 1],
  ])('is no error of a Readable that waits for its %s chunk', async (_which, chunks) => {
    const body = new Readable({ read() {} })
    for (let each = 0; each < chunks; each++) body.push('x')
    let asked = false
    let outcome: Outcome | undefined
    const server = await serving((environ, startResponse) => {
      asked = true
      environ['robaccia.server'].after((each) => void (outcome = each))
      startResponse(200, [])
      return body
    })
    const socket = ask(server.port)
    await expect.poll(() => asked).toBe(true)
    await sleep(20)
    socket.destroy()
    await expect.poll(() => outcome).toMatchObject({ aborted: true })
    expect(outcome).not.toHaveProperty('error')
    expect(body.destroyed).toBe(true)
    expect(server.errors()).toBe('')
  })

  test.each([
    ['the input that breaks off', 'robaccia.input'],
    ['the signal', 'signal'],
  ])('is no error of an app that throws what %s gave it', async (_what, source) => {
    let thrown: unknown
    let asked = false
    const server = await serving(async (environ) => {
      asked = true
      try {
        if (source === 'signal') await sleep(60_000, '', environ['robaccia.server'])
        else for await (const _chunk of environ['robaccia.input']);
      } catch (error) {
        thrown = error
        throw error
      }
      return []
    })
    const socket = ask(server.port, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf')
    await expect.poll(() => asked).toBe(true)
    await sleep(20)
    socket.destroy()
    await expect.poll(() => thrown).toBeInstanceOf(Error)
    await sleep(20)
    expect(server.errors()).toBe('')
  })
})

describe.each(untold)('a client that leaves $name', ({ start }) => {
  test('is noticed at the next write: its body is closed, then what was added with after runs', async () => {
    const order: string[] = []
    let signal: AbortSignal | undefined
    let write = (): void => {}
    const server = await start((environ, startResponse) => {
      ;({ signal } = environ['robaccia.server'])
      environ['robaccia.server'].after(({ aborted }) => void order.push(`after ${aborted}`))
      startResponse(200, [])
      return {
        close: () => void order.push('close'),
        async *[Symbol.asyncIterator]() {
          yield 'one'
          await new Promise<void>((resolve) => (write = resolve))
          for (;;) yield 'more'
        },
      }
    })
    onTestFinished(() => server.close())
    const leave = new AbortController()
    await fetch(server.url, { signal: leave.signal })
    leave.abort()
    await sleep(50)
    expect(signal?.aborted).toBe(false)
    expect(order).toEqual([])
    write()
    await expect.poll(() => order).toEqual(['close', 'after true'])
    expect(signal?.aborted).toBe(true)
    expect(server.errors()).toBe('')
  })
})

// node:http tells a response that waits in a pipeline nothing; what a runtime of Fetch does there is its own affair.
const direct = servers.filter(({ name }) => name === 'koa' || name === 'node')

describe.each(direct)('a client of a pipeline that leaves $name', ({ start }) => {
  test('while its request waits behind another one has that body closed', async () => {
    let asked = 0
    let closes = 0
    const server = await start((_environ, startResponse) => {
      asked += 1
      startResponse(200, [])
      return {
        close: () => void (closes += 1),
        async *[Symbol.asyncIterator]() {
          await new Promise(() => {})
          yield ''
        },
      }
    })
    onTestFinished(() => server.close())
    const socket = connect(server.port, '127.0.0.1')
    socket.write(get + get)
    await expect.poll(() => asked).toBe(2)
    socket.destroy()
    await expect.poll(() => closes).toBe(2)
  })
})

// node:http takes a whole body at once, and calls it finished when its connection has broken as well.
test.each(direct)(
  'a client that leaves $name in the middle of an array body is told of',
  async ({ start }) => {
    let outcome: Outcome | undefined
    let signal: AbortSignal | undefined
    const server = await start((environ, startResponse) => {
      ;({ signal } = environ['robaccia.server'])
      environ['robaccia.server'].after((each) => void (outcome = each))
      startResponse(200, [])
      return [Buffer.alloc(50_000_000)]
    })
    onTestFinished(() => server.close())
    const socket = connect(server.port, '127.0.0.1')
    socket.write(get)
    socket.once('data', () => socket.destroy())
    await expect.poll(() => outcome).toMatchObject({ status: 200, aborted: true })
    expect(signal?.aborted).toBe(true)
    expect(server.errors()).toBe('')
  },
)
