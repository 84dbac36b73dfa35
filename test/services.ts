// The optional services that tests use: where they are looked for, and how to get them.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, resolve } from 'node:path'
import { database, DatabaseError } from '@robaccia/db'
import { createClient } from 'redis'

export interface Services {
  readonly postgres?: string
  readonly mysql?: string
  readonly redis?: string
  readonly betterSqlite3: boolean
  readonly chromium?: string
  readonly lighttpd?: string
}

/** @throws Error with CI=true, when one is missing */
export async function findServices(): Promise<Services> {
  const [postgres, mysql, redis] = await Promise.all([
    server(
      'PostgreSQL',
      'postgresql',
      'TEST_POSTGRES_URL',
      'postgres://postgres@127.0.0.1:5432/test',
    ),
    server('MariaDB', 'mariadb-server', 'TEST_MYSQL_URL', 'mysql://root@127.0.0.1:3306/test'),
    redisServer(),
  ])
  const chromium = browser()
  const lighttpd = webServer()
  return {
    ...(postgres === undefined ? {} : { postgres }),
    ...(mysql === undefined ? {} : { mysql }),
    ...(redis === undefined ? {} : { redis }),
    betterSqlite3: compiledDriver(),
    ...(chromium === undefined ? {} : { chromium }),
    ...(lighttpd === undefined ? {} : { lighttpd }),
  }
}

/** The URL of a database server, if it answers. */
async function server(
  name: string,
  debian: string,
  variable: string,
  usual: string,
): Promise<string | undefined> {
  const url = process.env[variable] ?? usual
  const db = database(url)
  try {
    await db.missing()
    return url
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error
    return leaveOut(
      name,
      `${error.message}, name another in ${variable}, or install it (Debian: apt-get install ${debian})`,
    )
  } finally {
    await db.close()
  }
}

/** The URL of a Redis, if it answers. */
async function redisServer(): Promise<string | undefined> {
  const url = process.env.TEST_REDIS_URL ?? 'redis://127.0.0.1:6379'
  const client = createClient({ url, socket: { reconnectStrategy: false, connectTimeout: 5000 } })
  // What goes wrong is thrown by connect as well.
  client.on('error', () => {})
  try {
    await client.connect()
    await client.close()
    return url
  } catch (error) {
    return leaveOut(
      'Redis',
      `${error instanceof Error ? error.message : String(error)}, name another in TEST_REDIS_URL, or install it (Debian: apt-get install redis-server)`,
    )
  }
}

/**
 * Whether better-sqlite3 can be used. The installation leaves it uncompiled, since only tests need it: the
 * first run of them does that.
 */
function compiledDriver(): boolean {
  const folder = dirname(
    createRequire(new URL('../package.json', import.meta.url)).resolve(
      'better-sqlite3/package.json',
    ),
  )
  const binary = `${folder}/build/Release/better_sqlite3.node`
  if (existsSync(binary)) return true
  console.log('Compiling better-sqlite3, once: that takes a minute.')
  // The headers of this Node, if it came with them; else the compiler loads them from nodejs.org.
  const node = resolve(process.execPath, '../..')
  const headers = existsSync(`${node}/include/node`) ? { npm_config_nodedir: node } : {}
  const { stdout, stderr } = spawnSync('npm', ['run', 'install'], {
    cwd: folder,
    env: { ...process.env, ...headers },
    encoding: 'utf8',
    shell: process.platform === 'win32',
  })
  if (existsSync(binary)) return true
  const last = `${stdout}${stderr}`.trim().split('\n').at(-1) ?? ''
  leaveOut(
    'better-sqlite3',
    `it must compile (Debian: apt-get install build-essential python3), but npm says ${last}`,
  )
  return false
}

const browsers = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/snap/bin/chromium',
  '/opt/google/chrome/chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
]

/** The path of a Chromium, if there is one. */
function browser(): string | undefined {
  const path = process.env.CHROMIUM ?? browsers.find((each) => existsSync(each))
  if (path !== undefined && existsSync(path)) return path
  return leaveOut(
    'The browser',
    'Chromium must be there: install it (Debian: apt-get install chromium), or name its path in CHROMIUM',
  )
}

/** The path of lighttpd, for CGI, if there is one. */
function webServer(): string | undefined {
  const path =
    process.env.LIGHTTPD ??
    ['/usr/sbin/lighttpd', '/opt/homebrew/bin/lighttpd'].find((each) => existsSync(each))
  if (path !== undefined && existsSync(path)) return path
  return leaveOut(
    'CGI in a web server',
    'lighttpd must be there: install it (Debian: apt-get install lighttpd), or name its path in LIGHTTPD',
  )
}

function leaveOut(name: string, why: string): undefined {
  if (process.env.CI === 'true') throw new Error(`${name} is needed: ${why}`)
  console.warn(`${name} is left out: ${why}`)
}
