// A request of its own, made of another one: for work that is not the client's alone, and that goes on when the
// client has left. A cache fetches a page for all who wait for it; a page is made anew after it was sent.
import type { Environ, EnvironWith, Outcome } from './contract.js'
import { copyOf } from './environ-copy.js'
import { Exchange } from './exchange.js'
import { readOnce } from './input.js'
import { reportThrown } from './thrown.js'

/** Whoever makes one ends it, once, when the response's body is read or closed. */
export interface Subrequest<P> {
  readonly environ: EnvironWith<P>
  /** Tells the app, by its `signal`, that nobody waits for the response any more. */
  abort(): void
  /** Runs what was added with `after`, and settles then. */
  end(outcome: Outcome): Promise<void>
}

/**
 * Makes a request of another one: the same head, but no body, and a `robaccia.server` and `robaccia.notes` of
 * its own. The notes begin as a copy. What an `after` function throws is reported, as a server does it.
 *
 * @param keys are set over the environ's; undefined takes one away
 *
 * @example
 * const { environ: own, end } = subrequest(environ)
 * const { status, headers, body } = await callApp(app, own)
 * const bytes = (await readAll(body)).byteLength
 * await end({ status, headers, bytes, aborted: false })
 */
export function subrequest<P>(
  environ: EnvironWith<P>,
  keys: Readonly<Record<string, string | undefined>> = {},
): Subrequest<P> {
  const exchange = new OwnExchange()
  const { 'robaccia.server': server } = environ
  if (server.inform !== undefined) {
    exchange.inform = (status, headers) => server.inform?.(status, headers)
  }
  const own = copyOf<EnvironWith<P>, Record<string, unknown>>(environ, {
    'robaccia.input': readOnce(async function* () {}),
    'robaccia.server': exchange,
    'robaccia.notes': { ...environ['robaccia.notes'] },
  })
  for (const key of OF_THE_CLIENT) delete own[key]
  for (const [key, value] of Object.entries(keys)) {
    if (value === undefined) delete own[key]
    else own[key] = value
  }
  exchange.environ = own
  return {
    environ: own,
    abort: () => exchange.drop(),
    end: (outcome) => exchange.finish(outcome),
  }
}

/** They belong to the request's body, which stays with the client's, or to its identity. */
const OF_THE_CLIENT = [
  'CONTENT_LENGTH',
  'CONTENT_TYPE',
  'HTTP_TRANSFER_ENCODING',
  'robaccia.body',
  'lint.request',
]

class OwnExchange extends Exchange {
  environ: Environ | undefined = undefined
  inform?: (status: number, headers: Outcome['headers']) => void

  protected override watch(): void {}

  protected override report(error: unknown): void {
    if (this.environ !== undefined) reportThrown(error, this.environ)
  }
}
