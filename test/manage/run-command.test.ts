import { describe, expect, it, vi } from 'vitest'
import { DatabaseError } from '@robaccia/db'
import { command, CommandError } from '@robaccia/manage'
import { capture } from './capture.js'
import { site } from './site.js'

const greet = command({
  description: 'Greets somebody.',
  example: 'manage greet Ada --times 2',
  args: {
    name: { type: 'positional', description: 'whom', required: true },
    title: { type: 'positional', description: 'their title', default: 'Dr' },
    times: { type: 'integer', description: 'how often', default: 1, min: 1, max: 3, env: 'TIMES' },
    sender: { type: 'string', description: 'from whom' },
    outLoud: { type: 'boolean', description: 'shouting' },
    polite: { type: 'boolean', description: 'without good wishes', default: true },
  },
  run({ args, print }) {
    print(JSON.stringify(args))
  },
})

const sign = command({
  description: 'Signs.',
  args: { by: { type: 'string', description: 'who signs', required: true } },
  run() {},
})

function values(argv: readonly string[]): Promise<unknown> {
  return capture(site({ greet }), ['greet', ...argv]).then(({ out }) => JSON.parse(out))
}

describe('runCommand', () => {
  it('prints the usage and gives 2 without a command', async () => {
    const { code, out, err } = await capture(site(), [])
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain('Usage: manage [options] [command]')
  })

  it('lists all commands for --help, the own ones too', async () => {
    const { code, out, err } = await capture(site({ greet }), ['--help'])
    expect([code, err]).toEqual([0, ''])
    for (const name of ['create', 'run', 'dev', 'shell', 'routes', 'check', 'greet']) {
      expect(out).toMatch(new RegExp(`^  ${name} `, 'm'))
    }
  })

  it.each(['create', 'run', 'dev', 'shell', 'routes', 'check', 'greet'])(
    'says what %s does, with an example, for --help and for help',
    async (name) => {
      const blog = site({ greet })
      const { code, out } = await capture(blog, [name, '--help'])
      expect(code).toBe(0)
      expect(out).toMatch(new RegExp(`^Usage: manage ${name}`))
      expect(out).toMatch(/\nExample:\n {2}\S/)
      expect(await capture(blog, ['help', name])).toMatchObject({ code: 0, out })
    },
  )

  it('shows options with their defaults and variables', async () => {
    const { out } = await capture(site(), ['run', '--help'])
    expect(out).toMatch(/--port <integer> .*8080.*env: PORT/s)
    expect(out).toMatch(/--host <string> .*default: this machine only/s)
  })

  it('takes an empty variable for one that is not there', async () => {
    vi.stubEnv('TIMES', '')
    expect(await values(['Ada'])).toMatchObject({ times: 1 })
    vi.unstubAllEnvs()
  })

  it('names the nearest command for an unknown one', async () => {
    const { code, out, err } = await capture(site(), ['rotues'])
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain(`error: unknown command 'rotues'\n(Did you mean routes?)\n`)
  })

  it('refuses an unknown option and names the nearest', async () => {
    const { code, err } = await capture(site(), ['run', '--prot', '80'])
    expect(code).toBe(2)
    expect(err).toContain(`error: unknown option '--prot'\n(Did you mean --port?)\n`)
  })

  it.each([
    [['greet'], `missing required argument 'name'`],
    [['greet', 'Ada', 'Dr', 'more'], 'too many arguments'],
    [['sign'], `required option '--by <string>' not specified`],
    [['greet', 'Ada', '--times'], `option '--times <integer>' argument missing`],
    [
      ['run', '--port', 'abc'],
      `argument 'abc' is invalid. It must be a whole number from 0 up to 65535.`,
    ],
    [['run', '--port', '70000'], `argument '70000' is invalid.`],
    [['run', '--port', '-1'], `argument '-1' is invalid.`],
    [['run', '--port', '80.5'], `argument '80.5' is invalid.`],
    [['run', '--port='], `argument '' is invalid.`],
    [['dev', '--port', 'abc'], `argument 'abc' is invalid.`],
    [['dev', '--port=0', '--host='], `host must be an address or a name, got ''`],
    [['run', '--port=0', '--host='], `host must be an address or a name, got ''`],
  ])('gives 2 for %j', async (argv, message) => {
    const { code, out, err } = await capture(site({ greet, sign }), argv)
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain(message)
  })

  it('hands over values, defaults, and undefined for what is left out', async () => {
    expect(await values(['Ada'])).toEqual({
      name: 'Ada',
      title: 'Dr',
      times: 1,
      outLoud: false,
      polite: true,
    })
    expect(
      await values(['Ada', 'Lady', '--times=2', '--sender', 'Bo', '--out-loud', '--no-polite']),
    ).toEqual({ name: 'Ada', title: 'Lady', times: 2, sender: 'Bo', outLoud: true, polite: false })
  })

  it('takes an option from its environment variable, and checks it there too', async () => {
    vi.stubEnv('TIMES', '3')
    expect(await values(['Ada'])).toMatchObject({ times: 3 })
    expect(await values(['Ada', '--times', '2'])).toMatchObject({ times: 2 })
    vi.stubEnv('TIMES', '4')
    const { code, err } = await capture(site({ greet }), ['greet', 'Ada'])
    vi.unstubAllEnvs()
    expect(code).toBe(2)
    expect(err).toContain(`value '4' from env 'TIMES' is invalid`)
  })

  it('gives the number that a command returns', async () => {
    const seven = command({ description: 'Returns 7.', run: () => 7 })
    expect(await capture(site({ seven }), ['seven'])).toEqual({ code: 7, out: '', err: '' })
  })

  it.each([
    [new CommandError('no such folder'), 1],
    [new CommandError('two folders at once', { exitCode: 2 }), 2],
    [new DatabaseError('the database is locked'), 1],
  ])('prints %s as one line', async (error, exitCode) => {
    const fail = command({
      description: 'Fails.',
      run() {
        throw error
      },
    })
    expect(await capture(site({ fail }), ['fail'])).toEqual({
      code: exitCode,
      out: '',
      err: `error: ${error.message}\n`,
    })
  })

  it('prints any other error with its stack', async () => {
    const crash = command({
      description: 'Fails.',
      run: () => Promise.reject(new Error('a mistake')),
    })
    const { code, err } = await capture(site({ crash }), ['crash'])
    expect(code).toBe(1)
    expect(err).toMatch(/^Error: a mistake\n {4}at .*run-command\.test\.ts/)
  })

  it.each(['run', 'dev', 'help', 'Import', '--x', ''])(
    'refuses a command named %j',
    async (name) => {
      const named = site({ [name]: greet })
      await expect(capture(named, ['--help'])).rejects.toThrow(
        new TypeError(
          ['run', 'dev', 'help'].includes(name)
            ? `a command must have a name of its own, got '${name}'`
            : `a command's name must be lower-case letters, digits, - and :, got '${name}'`,
        ),
      )
    },
  )

  it.each(['noCache', 'help', 'dry-run', 'Folder'])('refuses an argument named %s', async (arg) => {
    const odd = command({
      description: 'Is odd.',
      args: { [arg]: { type: 'boolean', description: 'odd' } },
      run() {},
    })
    await expect(capture(site({ odd }), ['odd'])).rejects.toThrow(
      new TypeError(
        `an argument of odd must be a word in camelCase, not help and not no…, got '${arg}'`,
      ),
    )
  })

  it('takes any number of values for positionals, which come last', async () => {
    const files = { type: 'positionals', description: 'which' } as const
    const count = command({
      description: 'Counts.',
      args: { first: { type: 'positional', description: 'one', required: true }, files },
      run: ({ args, print }) => print(JSON.stringify([args.first, args.files])),
    })
    const some = await capture(site({ count }), ['count', 'a', 'b', 'c'])
    expect(some.out).toBe('["a",["b","c"]]\n')
    expect((await capture(site({ count }), ['count', 'a'])).out).toBe('["a",[]]\n')
    expect((await capture(site({ count }), ['count', '--help'])).out).toContain(
      '<first> [files...]',
    )
    const odd = { ...count, args: { files, more: files } }
    await expect(capture(site({ odd }), ['odd'])).rejects.toThrow(
      new TypeError('files of odd must be its last positional, got more behind it'),
    )
  })

  it('refuses a start that is no path', async () => {
    await expect(capture({ ...site(), start: 'blog/' }, ['create'])).rejects.toThrow(
      new TypeError(`start must begin with /, got 'blog/'`),
    )
  })

  it('writes colours only where they can be shown', async () => {
    const plain = await capture(site(), ['create', '--x'], { terminal: true })
    const coloured = await capture(site(), ['create', '--x'], { terminal: true, colors: true })
    expect(plain.err).toMatch(/^error: unknown/)
    expect(coloured.err).toContain('\u001B[31merror:')
    expect((await capture(site(), ['--help'], { colors: true })).out).toContain('\u001B[1mUsage:')
    expect((await capture(site(), ['--help'])).out).not.toContain('\u001B')
  })
})

describe('progress', () => {
  const count = command({
    description: 'Counts.',
    run({ print, progress, warn }) {
      for (const n of progress([1, 2, 3])) {
        if (n === 2) warn('2 is even')
      }
      print('done')
    },
  })

  it('draws a bar on a terminal, with the lines above it', async () => {
    const { err, out } = await capture(site({ count }), ['count'], { terminal: true })
    expect(out).toBe('done\n')
    expect(err).toContain('0/3')
    expect(err.indexOf('2 is even\n')).toBeGreaterThan(err.indexOf('0/3'))
    expect(err.lastIndexOf('3/3')).toBeGreaterThan(err.indexOf('2 is even\n'))
  })

  it('draws nothing elsewhere', async () => {
    expect(await capture(site({ count }), ['count'])).toEqual({
      code: 0,
      out: 'done\n',
      err: '2 is even\n',
    })
  })

  it('ends the bar when the loop is left by an error', async () => {
    const stop = command({
      description: 'Stops.',
      run({ progress }) {
        for (const n of progress([1, 2, 3])) if (n === 2) throw new CommandError('stopped at 2')
      },
    })
    const { err } = await capture(site({ stop }), ['stop'], { terminal: true })
    expect(err).toMatch(/1\/3[^/]*\nerror: stopped at 2\n$/)
  })
})
