// An app as a stranger gets it: made by the packed create-robaccia, of packed packages, far from this repository.
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { registry } from '../packaging/registry.js'
import type { Registry } from '../packaging/registry.js'
import { outside, packAll } from '../packaging/tarballs.js'
import { appFiles } from './app-files.js'
import { filesOf } from './screen.js'

const { folder, tarballs } = packAll()
const app = join(folder, 'shop')
const execute = promisify(execFile)
let packages: Registry

beforeAll(async () => {
  packages = await registry(tarballs)
})

afterAll(() => {
  packages.close()
  rmSync(folder, { recursive: true, force: true })
}, 60_000)

/** Scripts of packages are left out: sqlite3's compiles for minutes. */
function npm(cwd: string, ...argv: readonly string[]) {
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error', '--ignore-scripts']
  return execute('npm', [...argv, ...quiet], { cwd, env: environment() })
}

function environment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return { ...outside(), ...packages.env, PORT: undefined, DATABASE_URL: undefined, ...more }
}

/** Takes sqlite3's binary from where it is compiled already. */
function lendSqlite(): void {
  const db = createRequire(join(import.meta.dirname, '../../packages/db/package.json'))
  const compiled = join(dirname(db.resolve('sqlite3/package.json')), 'build/Release')
  cpSync(
    join(compiled, 'node_sqlite3.node'),
    join(app, 'node_modules/sqlite3/build/Release/node_sqlite3.node'),
  )
}

/** Does something while one of the app's scripts serves it; `said` is what that has printed. */
async function whileServing(
  script: string,
  work: (url: string, said: () => string) => Promise<void>,
): Promise<void> {
  // A group of its own: the shell between npm and Node keeps a signal to itself.
  const options = { cwd: app, env: environment(), detached: true } as const
  const child = spawn('npm', ['run', script, '--', '--port', '0'], options)
  const exit = once(child, 'exit')
  let said = ''
  child.stdout.on('data', (chunk) => (said += String(chunk)))
  child.stderr.on('data', (chunk) => (said += String(chunk)))
  try {
    await expect.poll(() => said, { timeout: 30_000 }).toMatch(/^Serving HTTP on /m)
    await work(/Serving HTTP on (\S+)/.exec(said)?.[1] ?? '', () => said)
  } finally {
    process.kill(-(child.pid ?? 0), 'SIGTERM')
    await exit
  }
}

describe('an app of create-robaccia', { timeout: 180_000 }, () => {
  it('is made by the packed program', async () => {
    const own = tarballs.find((each) => basename(each).startsWith('create-robaccia-')) ?? ''
    await npm(folder, 'install', '--prefix', folder, own)
    const program = join(folder, 'node_modules/.bin/create-robaccia')
    const { stdout } = await execute(program, ['shop', '--yes'], {
      cwd: folder,
      env: environment(),
    })
    expect(stdout).toBe(
      '\nshop is made: an app on SQLite.\n\n  cd shop\n  npm install\n  npm start\n\n',
    )
    expect(filesOf(app)).toEqual(appFiles)
  })

  it('installs, and passes its types and tests', async () => {
    await npm(app, 'install')
    lendSqlite()
    const { stdout } = await execute('npm', ['test'], { cwd: app, env: environment() })
    expect(stdout).toMatch(/^# pass 4$/m)
    expect(stdout).toMatch(/^# fail 0$/m)
  })

  it('serves with what is installed for production', async () => {
    await npm(app, 'prune', '--omit=dev')
    expect(existsSync(join(app, 'node_modules/typescript'))).toBe(false)
    await whileServing('start', async (url, said) => {
      expect(said()).toMatch(/^applied 0001_initial$/m)
      const body = new URLSearchParams({ title: 'Tom & Jerry', content: 'A cat and a mouse' })
      const written = await fetch(url, { method: 'POST', body })
      expect(await written.text()).toContain('<h1 dir="auto">Tom &amp; Jerry</h1>')
      const list = await fetch(url)
      expect(list.headers.get('content-security-policy')).toMatch(/^default-src 'self'/)
      expect(await list.text()).toContain('Tom &amp; Jerry</a>')
      const style = await fetch(new URL('static/style.css', url))
      expect(style.headers.get('content-type')).toMatch(/^text\/css/)
    })
  })

  it('follows what is edited, and knows what has changed in the model', async () => {
    await whileServing('dev', async (url) => {
      const headers = { accept: 'text/html', 'sec-fetch-dest': 'document' }
      const list = await fetch(url, { headers })
      expect(await list.text()).toMatch(/<script[^]*Tom &amp; Jerry<\/a>/)
    })
    const model = join(app, 'model.ts')
    const before = readFileSync(model, 'utf8')
    writeFileSync(
      model,
      before.replace('  content:', '  author: string(80).nullable(),\n  content:'),
    )
    const { stdout } = await execute('npm', ['run', '--silent', 'manage', 'makemigrations'], {
      cwd: app,
      env: environment(),
    })
    expect(stdout).toBe('made migrations/0002_add_note_author.ts\n  add column note.author\n')
    await whileServing('start', async (url, said) => {
      expect(said()).toMatch(/^applied 0002_add_note_author$/m)
      expect(await (await fetch(url)).text()).toContain('Tom &amp; Jerry</a>')
    })
  })

  it('is found safe by check --deploy once it is told where it is', async () => {
    chmodSync(folder, 0o700)
    const production = { NODE_ENV: 'production', HOSTS: 'shop.example.org', PROXIES: 'loopback' }
    const check = (env: NodeJS.ProcessEnv) =>
      execute('npm', ['run', '--silent', 'manage', '--', 'check', '--deploy'], {
        cwd: app,
        env: environment(env),
      }).catch((error: { code: number; stdout: string }) => error)
    expect(await check(production)).toMatchObject({ stdout: 'nothing found\n' })
    const found = await check({ ...production, HOSTS: '' })
    expect(found).toMatchObject({ code: 1 })
    expect(found.stdout).toMatch(/^the site must know its host names, got none: [^\n]*\n$/)
  })
})
