// The optional services that tests use: where they are looked for, and how to get them.
import { existsSync } from 'node:fs'
import { database, DatabaseError } from '@robaccia/db'

export interface Services {
  readonly postgres?: string
  readonly mysql?: string
  readonly chromium?: string
  readonly lighttpd?: string
}

/** @throws Error with CI=true, when one is missing */
export async function findServices(): Promise<Services> {
  const [postgres, mysql] = await Promise.all([
    server(
      'PostgreSQL',
      'postgresql',
      'TEST_POSTGRES_URL',
      'postgres://postgres@127.0.0.1:5432/test',
    ),
    server('MariaDB', 'mariadb-server', 'TEST_MYSQL_URL', 'mysql://root@127.0.0.1:3306/test'),
  ])
  const chromium = browser()
  const lighttpd = webServer()
  return {
    ...(postgres === undefined ? {} : { postgres }),
    ...(mysql === undefined ? {} : { mysql }),
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
