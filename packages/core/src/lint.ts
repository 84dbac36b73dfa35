// The contract's rules as a middleware: it checks both sides of whatever it wraps.
import { closeBody } from './body.js'
import { assertApp } from './compose.js'
import type { App, Body, Environ, HeaderList, Middleware, StartResponse } from './contract.js'
import { copyOf } from './environ-copy.js'
import { readOnce } from './input.js'
import { lintBody } from './lint-body.js'
import type { LintedBody } from './lint-body.js'
import { environRules, inputRules, requestRules } from './lint-environ-rules.js'
import type { KnownRequest } from './lint-environ-rules.js'
import {
  answerRules,
  endRules,
  lateRules,
  outcomeRules,
  startRules,
} from './lint-response-rules.js'
import { holder } from './lint-violation.js'
import type { Hold } from './lint-violation.js'

export { capabilities } from './capabilities.js'
export type { Capability, CapabilityName, ServerName } from './capabilities.js'
export { specification } from './specification.js'
export { ContractViolation } from './lint-violation.js'

declare module './contract.js' {
  interface Environ {
    /** The request as the outermost `lint` saw it. */
    'lint.request'?: KnownRequest
  }
}

/**
 * Checks the contract on both sides of an app. A copy of the environ is handed on, so that what
 * relies on seeing an inner change in its own environ shows. Meant for tests: the test client lints
 * whatever it is given. Violations that nobody collects are written to `robaccia.errors` as well.
 *
 * @throws TypeError for what is no app
 * @throws ContractViolation (from the app that it makes) where a rule is broken
 */
export const lint: Middleware = <P>(app: App<P>): App<P> => {
  assertApp(app, 'what lint is given')
  return async (environ, startResponse) => {
    const hold = holder(app.name || 'an app without a name', environ)
    hold(environRules, environ)
    const known = environ['lint.request'] ?? {
      server: environ['robaccia.server'],
      notes: environ['robaccia.notes'],
    }
    hold(requestRules, { environ, known })

    const start = lintStart(startResponse, hold)
    let linted: LintedBody | undefined
    // Added before the app's own, so it runs after them.
    environ['robaccia.server'].after((outcome) => {
      hold(outcomeRules, outcome)
      if (linted === undefined) return
      hold(endRules, { ...start, ...linted.treatment(), method: environ.REQUEST_METHOD })
    })
    const handed = copyOf(environ, {
      'robaccia.input': lintInput(environ, hold),
      'lint.request': known,
    })
    let body: Body
    try {
      body = await app(handed, start.startResponse)
    } finally {
      start.settled = true
    }
    hold(answerRules, { body, started: start.calls > 0 })
    try {
      // What the app has added to its environ is what whoever is further in has seen.
      hold(environRules, handed)
      hold(requestRules, { environ: handed, known })
      linted = lintBody(body, hold, () => (start.headSent = true))
    } catch (violation) {
      await closeBody(body)
      throw violation
    }
    return linted.body
  }
}

/** A body that was read before is known by its input, which is left alone then. */
function lintInput(environ: Environ, hold: Hold): AsyncIterable<Uint8Array> {
  const input = environ['robaccia.input']
  if (environ['robaccia.body']?.input === input) return input
  return readOnce(async function* () {
    for await (const chunk of input) {
      hold(inputRules, chunk)
      yield chunk
    }
  })
}

/** The head as the app said it last, and how often it did. */
interface Start {
  readonly startResponse: StartResponse
  calls: number
  settled: boolean
  headSent: boolean
  status: number
  contentLength: string | undefined
  headers: HeaderList
  /** A copy of them as they were. */
  handed: HeaderList
}

function lintStart(outer: StartResponse, hold: Hold): Start {
  const start: Start = {
    calls: 0,
    settled: false,
    headSent: false,
    status: 0,
    contentLength: undefined,
    headers: [],
    handed: [],
    startResponse(status, headers, error) {
      const { calls: earlier, settled } = start
      hold(startRules, { status, headers, error, earlier, settled })
      start.calls += 1
      start.status = status
      start.contentLength = headers.find(([name]) => name === 'content-length')?.[1]
      start.headers = headers
      start.handed = headers.map(([name, value]) => [name, value])
      outer(status, headers, error)
      if (start.headSent) hold(lateRules, { threw: false })
    },
  }
  return start
}
