import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { atTerminal, filesOf, inScript, newFolder } from './screen.js'
import type { Typed } from './screen.js'

const ENTER = '\r'
const DOWN = '\u001B[B'
const CTRL_C = '\u0003'
const CTRL_D = '\u0004'
const ESCAPE = '\u001B'
const BACKSPACE = '\u007F'
const FOLDER = 'In which folder?'
const DATABASE = 'Where does it keep its rows?'

function manifest(folder: string) {
  const text = readFileSync(join(folder, 'package.json'), 'utf8')
  return JSON.parse(text) as { name: string; dependencies: Record<string, string> }
}

describe('runCreate', () => {
  it('asks nothing with --yes, and says what to do next', async () => {
    const folder = join(newFolder(), 'shop')
    const { code, out, err } = await inScript([folder, '--yes'])
    expect([code, err]).toEqual([0, ''])
    expect(out).toMatch(
      /\nshop is made: an app on SQLite\.\n\n {2}cd \S+\n {2}npm install\n {2}npm start\n\n$/,
    )
    expect(manifest(folder).name).toBe('shop')
  })

  it('asks nothing when the command line says all', async () => {
    const folder = join(newFolder(), 'shop')
    const { code, out } = await inScript([folder, '--database', 'postgres'])
    expect(code).toBe(0)
    expect(out).toContain(
      'shop is made: an app on PostgreSQL.\nIts README says how to make the database',
    )
    expect(readFileSync(join(folder, 'dbconfig.ts'), 'utf8')).toContain(
      `'postgres://localhost/shop'`,
    )
    expect(manifest(folder).dependencies).toHaveProperty('pg')
    expect(manifest(folder).dependencies).not.toHaveProperty('mysql2')
  })

  it('says that the questions need a terminal', async () => {
    const folder = join(newFolder(), 'shop')
    expect(await inScript([folder])).toEqual({
      code: 2,
      out: '',
      err: 'error: the questions must be asked at a terminal, got none: say the folder and --database, or --yes\n',
    })
    expect(filesOf(join(folder, '..'))).toEqual([])
  })

  it('asks for the database alone when the folder is said', async () => {
    const folder = join(newFolder(), 'shop')
    const { code, shown } = await atTerminal([folder], [[DATABASE, `${DOWN}${DOWN}${ENTER}`]])
    expect(code).toBe(0)
    expect(shown).not.toContain('In which folder?')
    expect(shown).toContain('shop is made: an app on MariaDB or MySQL.')
    expect(readFileSync(join(folder, 'dbconfig.ts'), 'utf8')).toContain(
      `'mysql://root@localhost/shop'`,
    )
  })

  it('asks for the folder until it is a good one, then for the database', async () => {
    const folder = newFolder()
    const typed = join(folder, 'My')
    const keys: readonly Typed[] = [
      [FOLDER, `${typed}${ENTER}`],
      ['try', `${BACKSPACE.repeat(2)}shop${ENTER}`],
      [DATABASE, ENTER],
    ]
    const { code, shown } = await atTerminal([], keys)
    expect(code).toBe(0)
    expect(shown.replace(/\s+/g, ' ')).toContain(`good for a package, got 'My': name can no longer`)
    expect(manifest(join(folder, 'shop')).name).toBe('shop')
  })

  it.each([
    ['Ctrl-C', CTRL_C],
    ['Ctrl-D', CTRL_D],
    ['Escape', ESCAPE],
  ])('leaves nothing when somebody leaves by %s at either question', async (_, key) => {
    const folder = newFolder()
    const answer: Typed = [FOLDER, `${join(folder, 'shop')}${ENTER}`]
    const leaving: readonly Typed[][] = [[[FOLDER, key]], [answer, [DATABASE, key]]]
    for (const keys of leaving) {
      const { code, shown } = await atTerminal([], keys)
      expect(code).toBe(130)
      expect(shown).toContain('Nothing was made.')
    }
    expect(filesOf(folder)).toEqual([])
  })

  it('says how it is used, and which version it is', async () => {
    const help = await inScript(['--help'])
    expect([help.code, help.err]).toEqual([0, ''])
    expect(help.out).toMatch(/^Usage: npm create robaccia@latest \[folder\] -- \[options\]\n/)
    const { version } = manifest(
      join(import.meta.dirname, '../../packages/create-robaccia'),
    ) as unknown as { version: string }
    expect(await inScript(['--version'])).toEqual({ code: 0, out: `${version}\n`, err: '' })
  })

  it.each([
    [['a', 'b'], /^error: too many arguments\. Expected 1 argument but got 2\.\n/],
    [['a', '--yse'], /^error: unknown option '--yse'\n\(Did you mean --yes\?\)\n/],
    [
      ['a', '-d', 'oracle'],
      /^error: option .* 'oracle' is invalid\. Allowed choices are sqlite, postgres, mariadb\.\n/,
    ],
    [['', '-y'], /^error: the folder must have a name, got ''\n$/],
    [['/', '-y'], /^error: the folder's name must be good for a package, got ''/],
    [['My Site', '-y'], /^error: the folder's name .* got 'My Site': .*; try my-site\n$/],
    [['node_modules', '-y'], /^error: the folder's name .* got 'node_modules': .*\n$/],
    [['http', '-y'], /^error: the folder's name .* got 'http': http is a core module name\n$/],
  ])('refuses %j with one line and 2', async (argv, line) => {
    const { code, out, err } = await inScript(argv)
    expect([code, out]).toEqual([2, ''])
    expect(err).toMatch(line)
  })

  it('refuses a folder that has something in it, and says what, before it asks anything', async () => {
    const folder = join(newFolder(), 'shop')
    mkdirSync(folder)
    for (const name of ['a', 'b', 'c', 'd', '.git']) writeFileSync(join(folder, name), '')
    const { code, shown, err } = await atTerminal([folder], [])
    expect([code, shown]).toEqual([2, ''])
    expect(err).toBe(`error: the folder must be empty, got ${folder} with a, b, c and 1 more\n`)
  })

  it('says what the system said where it can not write', async () => {
    const folder = newFolder()
    writeFileSync(join(folder, 'file'), '')
    for (const given of [join(folder, 'file'), join(folder, 'file/shop')]) {
      expect(await inScript([given, '-y'])).toEqual({
        code: 2,
        out: '',
        err: `error: the folder must be one or not be there, got the file ${given}\n`,
      })
    }
  })

  it.runIf(process.platform === 'linux')('does not hang where there can be no folder', async () => {
    const { code, err } = await inScript(['/proc/robaccia', '-y'])
    expect(code).toBe(1)
    expect(err).toMatch(
      /^error: the folder must be writable, got E[A-Z]+: .* mkdir '\/proc\/robaccia'\n$/,
    )
  })
})
