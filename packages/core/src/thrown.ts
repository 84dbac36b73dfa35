// What a thrown value says to a client, and to the operator: the one place that decides how much of it.
import { STATUS_CODES } from 'node:http'
import { inspect } from 'node:util'
import type { Environ, HeaderList } from './contract.js'
import { hopByHop, sendable, token } from './head.js'

/** A thrown value as far as a client may see it. */
export interface Answer {
  /** An http-errors error's own status; 500 for everything else. */
  readonly status: number
  readonly headers: HeaderList
  /** The message of an error that is exposed, else the status's standard phrase. */
  readonly message: string
}

/**
 * Reads an answer off what was thrown: nothing of it is told unless it is an http-errors error that exposes it. Its headers
 * are left out where they can't be sent: an answer must not fail as well.
 */
export function answerTo(thrown: unknown): Answer {
  const error = isHttpError(thrown) ? thrown : undefined
  const status = error?.status ?? 500
  return {
    status,
    headers: Object.entries(error?.headers ?? {})
      .flatMap(([name, value]) =>
        (Array.isArray(value) ? value : [value]).map(
          (each) => [name.toLowerCase(), String(each)] as const,
        ),
      )
      .filter(([name, value]) => !ours.has(name) && token.test(name) && sendable.test(value)),
    message: error?.expose === true ? error.message : (STATUS_CODES[status] ?? 'Error'),
  }
}

/** Headers that describe an error's own body, or its connection: whoever answers says them. */
const ours: ReadonlySet<string> = new Set(['content-type', 'content-length', ...hopByHop])

/** An error made by http-errors, or shaped like one by another copy of it. */
interface HttpErrorLike {
  readonly status: number
  readonly expose: boolean
  readonly message: string
  readonly headers?: Readonly<Record<string, unknown>>
}

function isHttpError(thrown: unknown): thrown is HttpErrorLike {
  return (
    thrown instanceof Error &&
    'status' in thrown &&
    Number.isInteger(thrown.status) &&
    Number(thrown.status) >= 400 &&
    Number(thrown.status) <= 599 &&
    'expose' in thrown &&
    typeof thrown.expose === 'boolean'
  )
}

/**
 * Tells the operator of a thrown value: by the notes' `report` if a log has set it, else method, path (no query:
 * it may hold secrets) and stack with its causes. What is the client's mistake (a 4xx) is not told.
 */
export function reportThrown(thrown: unknown, environ: Environ): void {
  if (answerTo(thrown).status < 500) return
  const { report } = environ['robaccia.notes']
  if (report !== undefined) {
    report(thrown)
    return
  }
  const { REQUEST_METHOD: method, SCRIPT_NAME: script, PATH_INFO: path } = environ
  environ['robaccia.errors'].write(`${method} ${script}${path} failed: ${inspect(thrown)}\n`)
}
