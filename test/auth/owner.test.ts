import { basic, login, owner, passwords, sessions } from '@robaccia/auth'
import { compose, errors, mount, text } from '@robaccia/core'
import { client } from '@robaccia/core/testing'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { secret } from './site.js'

const costs = { memoryCost: 8, timeCost: 1 }
const { hash } = passwords(costs)

afterEach(() => {
  vi.unstubAllEnvs()
})

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'robaccia-owner-'))
  onTestFinished(() => rm(made, { recursive: true }))
  return made
}

/** Runs the command with standard input that is no terminal. */
async function set(made: ReturnType<typeof owner>, ...input: (string | Buffer)[]) {
  const printed: string[] = []
  const warned: string[] = []
  const code = await made.command.run({
    stdin: Readable.from(input.filter((chunk) => chunk.length > 0)),
    stderr: new PassThrough(),
    print: (line) => printed.push(line),
    warn: (line) => warned.push(line),
  })
  return { code, printed, warned }
}

describe('owner', () => {
  test('logs in with the password that the command has set, by a form and by Basic', async () => {
    const file = join(await folder(), 'password')
    const joe = owner({ name: 'joe', file, passwords: costs })
    expect(await set(joe, 'swordfish\n')).toEqual({
      code: 0,
      printed: [`The hash of joe’s password is kept in ${file}`],
      warned: [],
    })
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect(await readFile(file, 'utf8')).toMatch(/^\$argon2id\$\S+\n$/)

    const page = mount({ '/login': login(joe), '/': (e, s) => text(e, s, 'home') })
    const site = client(sessions({ secret })(page))
    const sent = { name: 'joe', password: 'swordfish' }
    expect((await site.post('/login/', { form: sent })).status).toBe(303)
    expect((await site.post('/login/', { form: { ...sent, password: 'wrong' } })).status).toBe(422)
    expect((await site.post('/login/', { form: { ...sent, name: 'eve' } })).status).toBe(422)

    const guarded = basic({ realm: 'x', ...joe })((environ, startResponse) =>
      text(environ, startResponse, environ['auth.user']?.name ?? ''),
    )
    const headers = { authorization: `Basic ${btoa('joe:swordfish')}` }
    expect((await client(guarded).get('/', { headers })).text).toBe('joe')
  })

  test('takes a new password without a restart, and leaves nothing else in the folder', async () => {
    const place = await folder()
    const made = owner({ file: join(place, 'password'), passwords: costs })
    await set(made, 'swordfish')
    await set(made, 'another one')
    expect(await made.verify('owner', 'swordfish')).toBeUndefined()
    expect(await made.verify('owner', 'another one')).toEqual({ name: 'owner' })
    expect(await readdir(place)).toEqual(['password'])
  })

  test('takes the hash from the environment, and that before the file', async () => {
    vi.stubEnv('PASSWORD_HASH', await hash('swordfish'))
    const made = owner({ file: join(await folder(), 'password'), passwords: costs })
    const { warned } = await set(made, 'another one')
    expect(warned).toEqual(['PASSWORD_HASH is set: it counts, not the file.'])
    expect(await made.verify('owner', 'swordfish')).toEqual({ name: 'owner' })
    expect(await made.verify('owner', 'another one')).toBeUndefined()
  })

  test('prints what to put into the environment where there is no file', async () => {
    const { printed } = await set(owner({ passwords: costs }), 'swordfish')
    const [, made = ''] = /^PASSWORD_HASH='(.*)'$/.exec(printed.join('\n')) ?? []
    const again = owner({ hash: made, passwords: costs })
    expect(await again.verify('owner', 'swordfish')).toEqual({ name: 'owner' })
  })

  test('keeps a hash of today’s costs once somebody has logged in', async () => {
    const file = join(await folder(), 'password')
    await writeFile(file, await hash('swordfish'))
    const made = owner({ file, passwords: { memoryCost: 16, timeCost: 1 } })
    expect(await made.verify('owner', 'swordfish')).toEqual({ name: 'owner' })
    expect(await readFile(file, 'utf8')).toContain('m=16,')
  })

  test('lets in who is right where the hash of today’s costs can’t be kept', async () => {
    const place = await folder()
    const file = join(place, 'password')
    await writeFile(file, await hash('swordfish'))
    await mkdir(`${file}.${process.pid}.new`)
    const made = owner({ file, passwords: { memoryCost: 16, timeCost: 1 } })
    expect(await made.verify('owner', 'swordfish')).toEqual({ name: 'owner' })
    expect(await made.verify('owner', 'wrong password')).toBeUndefined()
  })

  test('takes a character that comes in two pieces', async () => {
    const made = owner({ file: join(await folder(), 'password'), passwords: costs })
    const typed = Buffer.from('Caffè latte\n')
    expect(await set(made, typed.subarray(0, 5), typed.subarray(5))).toMatchObject({ code: 0 })
    expect(await made.verify('owner', 'Caffè latte')).toEqual({ name: 'owner' })
  })

  test('tells who tries to log in that there is no password yet, and counts no attempt', async () => {
    const made = owner({ file: join(await folder(), 'password'), account: 1 })
    const site = compose(errors(), sessions({ secret }))(login(made))
    const form = { name: 'owner', password: 'swordfish' }
    for (let time = 0; time < 3; time++) {
      const { status, text: said } = await client(site).post('/', { form })
      expect(status).toBe(503)
      expect(said).toContain('no password is set')
    }
  })

  test.each([
    ['short', 'error: a password must have at least 8 characters, got 5'],
    ['', 'error: a password must have at least 8 characters, got 0'],
    ['one line\nand another', 'error: a password must be one line, got several'],
    ['x'.repeat(5000), 'error: a password must have at most 4096 bytes, got more'],
    [Buffer.from('caf\xe9 caf\xe9', 'latin1'), 'error: a password must be UTF-8, got other bytes'],
  ])('refuses the new password %j', async (typed, said) => {
    const place = await folder()
    const made = owner({ file: join(place, 'password'), passwords: costs })
    expect(await set(made, typed)).toEqual({ code: 1, printed: [], warned: [said] })
    expect(await readdir(place)).toEqual([])
  })

  test.each(['swordfish', '=19=19456,t=2,p=1'])(
    'refuses %j for a hash, and does not repeat it',
    (wrong) => {
      expect(() => owner({ hash: wrong })).toThrow(
        /^owner: the hash \(PASSWORD_HASH\) must be one that/,
      )
      expect(() => owner({ hash: wrong })).not.toThrow(wrong)
    },
  )

  test('refuses a file that holds something else', async () => {
    const file = join(await folder(), 'password')
    await writeFile(file, 'swordfish')
    await expect(owner({ file }).verify('owner', 'swordfish')).rejects.toThrow(
      `the file ${file} must hold the hash of a password, got something else`,
    )
  })
})

describe('on a terminal', () => {
  /** A terminal that types the lines as they are asked for, and what it shows. */
  async function type(...lines: string[]) {
    const file = join(await folder(), 'password')
    const made = owner({ file, passwords: costs })
    const stdin = Object.assign(new PassThrough(), { isTTY: true as const })
    const stderr = new PassThrough()
    let shown = ''
    stderr.on('data', (chunk) => {
      shown += String(chunk)
      if (!String(chunk).includes(': ')) return
      const line = lines.shift()
      if (line === undefined) stdin.end()
      else stdin.write(`${line}\n`)
    })
    const warned: string[] = []
    const warn = (line: string) => void warned.push(line)
    const code = await made.command.run({ stdin, stderr, print: () => {}, warn })
    return { code, warned, shown, made }
  }

  test('asks twice and shows nothing of it', async () => {
    const { code, shown, made } = await type('swordfish', 'swordfish')
    expect(code).toBe(0)
    expect(shown).toContain('New password: ')
    expect(shown).toContain('The same again: ')
    expect(shown).not.toContain('fish')
    expect(await made.verify('owner', 'swordfish')).toEqual({ name: 'owner' })
  })

  test('refuses two that differ', async () => {
    const { code, warned } = await type('swordfish', 'swordfisch')
    expect({ code, warned }).toEqual({
      code: 1,
      warned: ['error: the two passwords must be the same, got different ones'],
    })
  })

  test('takes what is typed before it is asked for', async () => {
    const { code, shown } = await type('swordfish\nswordfish')
    expect(code).toBe(0)
    expect(shown).toBe('New password: \nThe same again: \n')
  })

  test('brings nothing back that was typed before', async () => {
    const up = '\u001B[A'
    const { code } = await type('swordfish', up)
    expect(code).toBe(1)
  })

  test('ends with the input', async () => {
    const { code, warned } = await type()
    expect({ code, warned }).toEqual({
      code: 1,
      warned: ['error: a password must be typed, got none'],
    })
  })
})
