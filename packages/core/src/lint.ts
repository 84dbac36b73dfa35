// The contract's rules as a middleware: it checks both sides of whatever it wraps. A violation is thrown
// where it happens and recorded under `lint.violations`, so that swallowing the exception hides nothing.
import { closeBody, isWhole, toBytes } from './body.js'
import type { App, Body, Chunk, Environ, Middleware, StartResponse } from './contract.js'
import {
  answerRules,
  chunkRules,
  endRules,
  environRules,
  lateRules,
  startRules,
} from './lint-rules.js'
import type { Rule } from './lint-rules.js'

declare module './contract.js' {
  interface Environ {
    /** Where `lint` records what was broken in this request; the test client reads it. */
    'lint.violations'?: ContractViolation[]
  }
}

/** A broken rule of the contract: which one, by whom, and what was got. */
export class ContractViolation extends TypeError {
  override readonly name = 'ContractViolation'
  /** The rule's id in SPEC.md. */
  readonly rule: string

  constructor(rule: Rule<never>, app: string, got: string) {
    super(`${app} breaks rule ${rule.id} of the contract: ${rule.text} Got ${got}.`)
    this.rule = rule.id
  }
}

/**
 * Checks the contract on both sides of an app. A copy of the environ is handed on, so that what
 * relies on seeing an inner change in its own environ shows. Meant for tests: the test client lints
 * whatever it is given. Violations that nobody collects are written to `robaccia.errors` as well.
 *
 * @throws ContractViolation where a rule is broken
 */
export const lint: Middleware = <P>(app: App<P>): App<P> => {
  return async (environ, startResponse) => {
    const record = recorder(app.name || 'an app without a name', environ)
    record(environRules, environ)
    const start = lintStart(startResponse, record)
    let body: Body
    try {
      body = await app({ ...environ }, start.startResponse)
    } finally {
      start.settled = true
    }
    record(answerRules, { body, started: start.calls > 0 })
    return lintBody(body, start, record, environ)
  }
}

type Record = <Subject>(rules: readonly Rule<Subject>[], subject: Subject) => void

function recorder(app: string, environ: Environ): Record {
  return (rules, subject) => {
    for (const rule of rules) {
      const got = rule.check(subject)
      if (got === undefined) continue
      const violation = new ContractViolation(rule, app, got)
      const collected = environ['lint.violations']
      if (collected === undefined) environ['robaccia.errors'].write(`${violation.message}\n`)
      else collected.push(violation)
      throw violation
    }
  }
}

/** The head as the app said it last, and how often it did. */
interface Start {
  readonly startResponse: StartResponse
  calls: number
  settled: boolean
  headSent: boolean
  status: number
  contentLength: string | undefined
}

function lintStart(outer: StartResponse, record: Record): Start {
  const start: Start = {
    calls: 0,
    settled: false,
    headSent: false,
    status: 0,
    contentLength: undefined,
    startResponse(status, headers, error) {
      const { calls: earlier, settled } = start
      record(startRules, { status, headers, error, earlier, settled })
      start.calls += 1
      start.status = status
      start.contentLength = headers.find(([name]) => name === 'content-length')?.[1]
      outer(status, headers, error)
      if (start.headSent) record(lateRules, { threw: false })
    },
  }
  return start
}

/** A body that counts what is done with it; the sum is drawn when the response is finished or dropped. */
function lintBody(body: Body, start: Start, record: Record, environ: Environ): Body {
  const seen = { bytes: 0, complete: false, iterations: 0, closes: 0, pullsAfterClose: 0 }
  const take = (chunk: Chunk): Chunk => {
    record(chunkRules, chunk)
    seen.bytes += toBytes(chunk).byteLength
    return chunk
  }
  const close = async (): Promise<void> => {
    seen.closes += 1
    if (seen.closes === 1) await closeBody(body)
  }
  environ['robaccia.server'].after(() => {
    record(endRules, {
      ...seen,
      method: environ.REQUEST_METHOD,
      status: start.status,
      contentLength: start.contentLength,
      whole: isWhole(body),
      bytes: seen.complete ? seen.bytes : undefined,
    })
  })
  if (isWhole(body)) {
    const chunks = body.map(take)
    seen.complete = true
    return Object.assign(chunks, { close })
  }
  // Counted when a chunk is asked for: one that was on its way when its client left may still come.
  const pull = (): void => void (seen.pullsAfterClose += seen.closes > 0 ? 1 : 0)
  return {
    async *[Symbol.asyncIterator]() {
      seen.iterations += 1
      pull()
      for await (const chunk of body) {
        yield take(chunk)
        start.headSent = true
        pull()
      }
      seen.complete = true
    },
    close,
  }
}

export { specification } from './specification.js'
