// Pages for errors: for what an app throws before its response begins, and for answers that are an
// error's status and nothing else. What fails later is the server's: a stream that breaks off before
// its first chunk is a plain 500, afterwards the connection is cut.
import { STATUS_CODES } from 'node:http'
import { byteLength, callApp, closeBody, isWhole, type Response } from './body.js'
import { assertApp } from './compose.js'
import type { App, Body, Environ, HeaderList, Middleware, StartResponse } from './contract.js'
import { copyOf } from './environ-copy.js'
import { text } from './response.js'
import { answerTo, reportThrown } from './thrown.js'

declare module './contract.js' {
  interface Environ {
    /** What an error's page is about: for the apps given to `errors`. */
    'errors.error'?: ErrorNote
  }
}

/** An error as its page sees it. */
export interface ErrorNote {
  readonly status: number
  /** What people may read: the exposed message of an http-errors error, else the status's phrase (`Not Found`). */
  readonly message: string
  /** What was thrown, if anything was: for logs and a developer's page, never for people. */
  readonly error?: unknown
}

/** Apps that make pages, by status; `default` makes all the others. */
export interface ErrorPages {
  readonly [status: number]: App
  readonly default?: App
}

export interface ErrorsOptions {
  /** Takes each error that is answered with a 5xx, once. Unless given it is written to `robaccia.errors`. */
  readonly report?: (error: unknown, environ: Environ) => void | Promise<void>
}

/**
 * Turns what is thrown before the head, and error answers without a body, into pages. An http-errors
 * error keeps its status, headers and exposed message; anything else is a 500 of which nothing is
 * told. An empty answer keeps its status and headers.
 *
 * A page is an app: it is called with a copy of the environ that has `errors.error` and no route
 * variables, answers with whatever status, and is sent with the error's. Its headers give way to the
 * error's (`allow`, `www-authenticate`), but `set-cookie` and `vary` add up. Without a page, or if it
 * throws, the answer is plain text.
 *
 * @throws TypeError for a key that is neither a status from 400 to 599 nor `default`, or a page that
 * is not an app
 *
 * @example
 * const site = errors({ 404: notFoundPage, 500: sorryPage })(urls)
 */
export function errors(
  pages: ErrorPages = {},
  { report = reportThrown }: ErrorsOptions = {},
): Middleware {
  assertPages(pages)

  async function tell(error: unknown, environ: Environ): Promise<void> {
    // A log has every error, whoever else is told.
    if (report !== reportThrown) environ['robaccia.notes'].report?.(error)
    try {
      await report(error, environ)
    } catch (failure) {
      reportThrown(error, environ)
      reportThrown(new Error('the report of an error failed', { cause: failure }), environ)
    }
  }

  async function respond(
    environ: Environ,
    startResponse: StartResponse,
    { headers, ...note }: ErrorNote & { readonly headers: HeaderList },
  ): Promise<Body> {
    const about = copyOf(environ, { 'errors.error': note, 'router.params': {} })
    const page = pages[note.status] ?? pages.default ?? plainPage
    let made: Response
    try {
      made = await callApp(page, about, startResponse)
    } catch (cause) {
      await tell(new Error(`the page for ${note.status} failed`, { cause }), environ)
      made = await callApp(plainPage, about, startResponse)
    }
    startResponse(note.status, merged(made.headers, headers))
    return made.body
  }

  return (app) => async (environ, startResponse) => {
    // What is dispatched further in moves them; a page stands where the request came in.
    const { SCRIPT_NAME, PATH_INFO } = environ
    const asItCame = () => copyOf(environ, { SCRIPT_NAME, PATH_INFO })
    let response: Response
    try {
      response = await callApp(app, environ, startResponse)
    } catch (error) {
      const answer = answerTo(error)
      if (answer.status >= 500) {
        if (environ['robaccia.development'] === true) environ['robaccia.notes'].error = error
        await tell(error, environ)
      }
      return respond(asItCame(), startResponse, { ...answer, error })
    }
    const { status, headers, body } = response
    if (isBareError(response, environ)) {
      await closeBody(body)
      return respond(asItCame(), startResponse, {
        status,
        headers,
        message: phrase(status),
      })
    }
    startResponse(status, headers)
    return body
  }
}

/** An answer to HEAD has no body either way: one that describes a body stands for it. */
function isBareError({ status, headers, body }: Response, environ: Environ): boolean {
  if (status < 400 || !isWhole(body) || byteLength(body) > 0) return false
  return environ.REQUEST_METHOD !== 'HEAD' || !headers.some(([name]) => name === 'content-type')
}

const plainPage: App = (environ, startResponse) => {
  const { status = 500, message = phrase(status) } = environ['errors.error'] ?? {}
  const title = `${status} ${phrase(status)}\n`
  return text(environ, startResponse, message === phrase(status) ? title : `${title}${message}\n`, {
    status,
  })
}

function phrase(status: number): string {
  return STATUS_CODES[status] ?? 'Error'
}

/** They described the body that a page takes the place of. */
const ofTheBody: ReadonlySet<string> = new Set([
  'content-type',
  'content-length',
  'content-encoding',
])
const addingUp: ReadonlySet<string> = new Set(['set-cookie', 'vary'])

function merged(page: HeaderList, error: HeaderList): HeaderList {
  const kept = error.filter(([name]) => !ofTheBody.has(name))
  const replaced = new Set(kept.map(([name]) => name).filter((name) => !addingUp.has(name)))
  return [...page.filter(([name]) => !replaced.has(name)), ...kept]
}

function assertPages(pages: ErrorPages): void {
  for (const [key, page] of Object.entries(pages)) {
    if (key !== 'default' && !/^[45]\d\d$/.test(key)) {
      throw new TypeError(`errors: a key must be a status from 400 to 599 or default, got ${key}`)
    }
    assertApp(page, `errors: the page for ${key}`)
  }
}
