// A developer's page for what was thrown: Youch's, with the place in a template or in code that does not compile, the
// environ, and secrets masked. It is loaded when there is something to show: Youch takes as long as a small application.
import { createHash, randomBytes } from 'node:crypto'
import type { Environ, HeaderList } from '@robaccia/core'
import { BaseComponent, Youch } from 'youch'
import type { ErrorCauseProps } from 'youch/types'
import { causes, named } from './failure.js'
import { escaped } from './markup.js'
import { maskedText, maskedUrls } from './masked.js'
import { shownEnviron, shownProperties } from './shown.js'
import { withPlace } from './source-place.js'

export interface ErrorPage {
  readonly headers: HeaderList
  readonly markup: string
}

export interface ErrorPageOptions {
  /** Its heading. */
  readonly title: string
  /** Makes what the page follows by, for a nonce. */
  readonly follower: (nonce: string) => string
  /** The request that failed, if the error is one request's. */
  readonly environ?: Environ
}

/** Makes the page. */
export async function errorPage(
  thrown: unknown,
  { title, follower, environ }: ErrorPageOptions,
): Promise<ErrorPage> {
  const nonce = randomBytes(16).toString('base64url')
  const youch = new Youch()
  youch.templates.use('errorCause', new Causes(false))
  const error = asError(thrown)
  const properties = shownProperties(error)
  if (properties.length > 0) youch.metadata.group('Error', { Properties: properties })
  if (environ !== undefined) youch.metadata.group('Request', shownEnviron(environ))
  const made = await youch.toHTML(bare(withPlace(error)), { title, cspNonce: nonce })
  return {
    headers: [
      ['content-type', 'text/html; charset=utf-8'],
      ['cache-control', 'no-store'],
      ['content-security-policy', policy(nonce)],
      ['referrer-policy', 'same-origin'],
      ['x-content-type-options', 'nosniff'],
    ],
    markup: maskedUrls(made).replace('</head>', () => `${follower(nonce)}</head>`),
  }
}

/** Youch would make JSON of anything else, which not everything has. */
function asError(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown
  const error = new Error(named(thrown))
  error.stack = `${error.name}: ${error.message}`
  return error
}

/**
 * An error with nothing but its words: Youch shows all that an error has, a connection and its password too, and takes
 * a hint for markup, which PostgreSQL gives and anybody may have written.
 */
function bare(error: Error): Error {
  const { name, message, stack = '', cause } = error
  const shown = new Error(maskedText(message))
  // It is none to Youch, which would show it as an object: see Causes.
  if (cause !== undefined) causesOf.set(shown, causes(error))
  return Object.assign(shown, { name, stack: maskedText(stack) })
}

const causesOf = new WeakMap<object, readonly string[]>()

/** The stacks of the causes. */
class Causes extends BaseComponent<ErrorCauseProps> {
  override async toHTML({ error }: ErrorCauseProps): Promise<string> {
    const stacks = causesOf.get(Object(error.raw)) ?? []
    return stacks
      .map(
        (stack) =>
          `<section><div class="card"><div class="card-heading"><h3 class="card-title">Cause</h3></div>` +
          `<div class="card-body"><pre style="overflow-x: auto">${escaped(maskedText(stack))}</pre></div></div></section>`,
      )
      .join('')
  }

  override async toANSI(): Promise<string> {
    return ''
  }
}

/** The one handler that stands in Youch's markup. */
const handler = createHash('sha256').update('copyErrorMessage(this)').digest('base64')

function policy(nonce: string): string {
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}' 'unsafe-hashes' 'sha256-${handler}'`,
    `style-src 'nonce-${nonce}'`,
    "style-src-attr 'unsafe-inline'",
    'img-src data:',
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}
