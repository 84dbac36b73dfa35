// `check --deploy`: what is fine on a developer's machine and unsafe where strangers come, a line each with what to do.
import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Database } from '@robaccia/db'

/** What `check --deploy` can't see from outside: what the application's own middleware was given. */
export interface Deploy {
  /** The names that `hosts` lets through. Those of this machine alone are none. */
  readonly hosts?: readonly string[]
  /** Keys that sign or encrypt, each by the name of the variable that it comes from. Their values are never printed. */
  readonly secrets?: Readonly<Record<string, string | undefined>>
  /** TLS ends at a proxy, and `proxied` believes what it says. */
  readonly proxied?: boolean
}

/** Everything that is unsafe, or nothing. */
export async function unsafe(db: Database, deploy: Deploy = {}): Promise<string[]> {
  return [
    ...environment(process.env, process.execArgv),
    ...Object.entries(deploy.secrets ?? {}).flatMap(([name, value]) => secret(name, value)),
    ...hostNames(deploy.hosts ?? []),
    ...(deploy.proxied === true
      ? []
      : [
          'requests must be known to have come by TLS: end it at a proxy, put `proxied` outermost, and say deploy: { proxied: true }',
        ]),
    ...(await sqliteFile(db)),
  ]
}

function environment(env: NodeJS.ProcessEnv, flags: readonly string[]): string[] {
  const findings: string[] = []
  if (env.NODE_ENV !== 'production') {
    findings.push(
      `NODE_ENV must be production, got ${env.NODE_ENV ?? 'nothing'}: set NODE_ENV=production`,
    )
  }
  if (
    [...flags, ...(env.NODE_OPTIONS ?? '').split(/\s+/)].some((flag) =>
      flag.startsWith('--inspect'),
    )
  ) {
    findings.push(
      'the debugger must be off, got --inspect: leave it out of the command and NODE_OPTIONS',
    )
  }
  if (env.NODE_TLS_REJECT_UNAUTHORIZED === '0') {
    findings.push(
      'certificates must be checked, got NODE_TLS_REJECT_UNAUTHORIZED=0: unset it, and name a private authority in NODE_EXTRA_CA_CERTS',
    )
  }
  if (env.DEBUG !== undefined && env.DEBUG !== '') {
    findings.push('DEBUG must be unset, for libraries then log what requests and queries hold')
  }
  return findings
}

/** 32 characters of base64 are 192 bits, of hexadecimal 128. */
const SHORTEST = 32
const placeholder = /^(?:change.?(?:me|this|it)|secret|password|example|insecure|default|test|dev)/i

function secret(name: string, value = ''): string[] {
  const remedy = `make one with: node -p "require('crypto').randomBytes(32).toString('base64')"`
  const lacks =
    value === ''
      ? 'must be set'
      : value.length < SHORTEST
        ? `must have ${SHORTEST} characters or more, got ${value.length}`
        : placeholder.test(value) || new Set(value).size < 8
          ? 'must be random, got a word that others know or a pattern'
          : undefined
  return lacks === undefined ? [] : [`the secret ${name} ${lacks}: ${remedy}`]
}

const ofThisMachine = /^(?:localhost|127\.0\.0\.1|\[?::1\]?)(?::\d+)?$/i

function hostNames(names: readonly string[]): string[] {
  if (names.some((name) => !ofThisMachine.test(name))) return []
  return [
    'the site must know its host names, got none: put `hosts([...])` round the app, and say deploy: { hosts }',
  ]
}

/** Who may write the file, or replace it in its folder, owns the site's data. Windows has no such modes. */
async function sqliteFile({ dialect, knex }: Database): Promise<string[]> {
  if (dialect !== 'sqlite' || process.platform === 'win32') return []
  const databases = await knex.raw<readonly { readonly file: string }[]>('pragma database_list')
  const file = databases[0]?.file ?? ''
  if (file === '') return [] // it is in memory
  const places = await Promise.all([
    shared('file', file, 'u=rw'),
    shared('folder', dirname(file), 'u=rwx'),
  ])
  return places.flat()
}

async function shared(kind: string, path: string, owner: string): Promise<string[]> {
  const found = await stat(path).catch(() => undefined)
  // A sticky folder (/tmp) lets nobody replace another's file, but anybody put a journal beside it.
  if (found === undefined || (found.mode & 0o022) === 0) return []
  const mode = (found.mode & 0o777).toString(8)
  return [
    `the database's ${kind} ${path} must be writable for its owner alone, got mode ${mode}: chmod ${owner},go-w ${path}`,
  ]
}
