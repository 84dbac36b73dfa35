import { basic, throttle, type User } from '@robaccia/auth'
import { compose, errors, text } from '@robaccia/core'
import type { App } from '@robaccia/core'
import { lint } from '@robaccia/core/lint'
import { client } from '@robaccia/core/testing'
import createError from 'http-errors'
import { describe, expect, test, vi } from 'vitest'

const verify = (name: string, password: string): User | undefined =>
  name === 'joe' && password === 'swörd:fish' ? { name } : undefined

const whoami: App = (environ, startResponse) =>
  text(environ, startResponse, environ['auth.user']?.name ?? 'a stranger')

const header = (pair: string | Uint8Array, scheme = 'Basic') => ({
  headers: { authorization: `${scheme} ${Buffer.from(pair).toString('base64')}` },
})
const right = header('joe:swörd:fish')

describe('basic', () => {
  const { get } = client(basic({ realm: 'The "Staff"', verify })(lint(whoami)))

  test('asks for a name and a password', async () => {
    const response = await get('/')
    expect(response).toMatchObject({ status: 401, text: '' })
    expect(response.header('www-authenticate')).toBe(
      'Basic realm="The \\"Staff\\"", charset="UTF-8"',
    )
  })

  test.each(['Basic', 'basic', 'BASIC'])('lets who knows them in by %s', async (scheme) => {
    const response = await get('/', header('joe:swörd:fish', scheme))
    expect(response).toMatchObject({ status: 200, text: 'joe' })
    expect(response.notes.user).toBe('joe')
  })

  test.each([
    ['a wrong password', header('joe:sword')],
    ['an unknown name', header('ann:swörd:fish')],
    ['no colon', header('joe')],
    ['a control character', header('joe:swörd:fish\n')],
    ['bytes that are no UTF-8', header(new Uint8Array([0x6a, 0x3a, 0xff]))],
    ['no base64', { headers: { authorization: 'Basic joe:swordfish' } }],
    ['nothing', { headers: { authorization: 'Basic' } }],
    ['another scheme', { headers: { authorization: 'Bearer abc' } }],
  ])('refuses %s', async (_what, init) => {
    expect(await get('/', init)).toMatchObject({ status: 401, text: '' })
  })

  test('says that what a user gets is for that user alone', async () => {
    const said = (name: string, value: string): App =>
      basic({ realm: 'staff', verify })((environ, startResponse) =>
        text(environ, startResponse, 'hello', { headers: [[name, value]] }),
      )
    const open = await client(said('cache-control', 'public, max-age=60')).get('/', right)
    expect(open.header('cache-control')).toBe('max-age=60, private')
    expect(open.header('vary')).toBe('authorization')
    const targeted = await client(said('cdn-cache-control', 'max-age=60')).get('/', right)
    expect(targeted.header('cdn-cache-control')).toBeUndefined()
    const refused = await client(said('cache-control', 'public')).get('/')
    expect(refused.header('cache-control')).toBeUndefined()
    const missing: App = () => {
      throw createError(404, { headers: { 'cache-control': 'public' } })
    }
    const site = compose(errors(), basic({ realm: 'staff', verify }))(missing)
    expect((await client(site).get('/', right)).header('cache-control')).toBe('private')
  })

  test('lets strangers through where that is said, but nobody with a wrong password', async () => {
    const optional = client(basic({ realm: 'staff', verify, optional: true })(whoami))
    expect((await optional.get('/')).text).toBe('a stranger')
    expect((await optional.get('/', right)).text).toBe('joe')
    expect((await optional.get('/', header('joe:wrong'))).status).toBe(401)
  })

  test('checks a password once for requests that come together, and for a minute', async () => {
    const slow = vi.fn(async (name: string, password: string) => verify(name, password))
    const site = client(
      basic({ realm: 'staff', verify: slow, throttle: throttle({ account: 3 }) })(whoami),
    )
    const all = await Promise.all(Array.from({ length: 30 }, () => site.get('/', right)))
    expect(all.map(({ status }) => status)).toEqual(Array.from({ length: 30 }, () => 200))
    await site.get('/', right)
    expect(slow).toHaveBeenCalledTimes(1)
  })

  test('checks each time when it is told to remember nothing', async () => {
    const each = vi.fn(verify)
    const site = client(basic({ realm: 'staff', verify: each, remember: 0 })(whoami))
    await site.get('/', right)
    await site.get('/', right)
    expect(each).toHaveBeenCalledTimes(2)
  })

  test('does not remember what was wrong, or failed', async () => {
    let password = 'old'
    const site = client(
      basic({
        realm: 'staff',
        verify: (name, given) => {
          if (given === 'fail') throw new Error('the database is gone')
          return given === password ? { name } : undefined
        },
      })(whoami),
    )
    expect((await site.get('/', header('joe:new'))).status).toBe(401)
    password = 'new'
    expect((await site.get('/', header('joe:new'))).status).toBe(200)
    password = 'fail'
    expect((await site.get('/', header('ann:fail'))).status).toBe(500)
    expect((await site.get('/', header('ann:fail'))).status).toBe(500)
  })

  test('stops who guesses: by account, also if the next guess is right', async () => {
    const site = client(
      compose(
        errors(),
        basic({ realm: 'staff', verify, throttle: throttle({ account: 2 }) }),
      )(whoami),
    )
    const from = (address: string, init: typeof right) => ({
      ...init,
      environ: { REMOTE_ADDR: address },
    })
    for (const [index, name] of ['joe', ' JOE'].entries()) {
      const wrong = await site.get('/', from(`192.0.2.${index}`, header(`${name}:wrong${index}`)))
      expect(wrong.status).toBe(401)
    }
    const stopped = await site.get('/', from('192.0.2.9', right))
    expect(stopped.status).toBe(429)
    expect(Number(stopped.header('retry-after'))).toBeGreaterThan(890)
    expect(stopped.text).toContain('too many attempts')
    expect((await site.get('/', header('ann:wrong'))).status).toBe(401)
  })

  test.each([
    [{ realm: 'naïve', verify }, /realm must be ASCII/],
    [{ realm: 'a\nb', verify }, /realm must be ASCII/],
    [{ realm: 'a', verify, remember: -1 }, /remember must be an integer of at least 0, got -1/],
    [{ realm: 'a', verify: undefined as never }, /verify must be a function/],
  ])('refuses options that it can’t have: %o', (options, message) => {
    expect(() => basic(options)).toThrow(message)
  })
})
