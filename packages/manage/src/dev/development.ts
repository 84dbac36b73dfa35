// What the developer's server puts round an application: pages follow the sources, and errors come as pages. Only what
// a browser shows as a page is touched; a script's request, a picture, a part of a page pass as they are.
import { randomBytes } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import { callApp, closeBody, isWhole, readAll } from '@robaccia/core'
import type { App, Body, Chunk, Environ, Response, StartResponse } from '@robaccia/core'
import { answerTo, reportThrown } from '@robaccia/core/node'
import { BASE } from './followers.js'
import type { Followers } from './followers.js'
import { insert, insertStream } from './insertion.js'
import { askingAnew, askingForAll, element, following, isForPage, isPage } from './page.js'

/** The application as `dev` serves it. */
export function development(app: App, followers: Followers): App {
  return async (environ, startResponse) => {
    if (environ.PATH_INFO.startsWith(BASE)) return followers.app(environ, startResponse)
    environ['robaccia.development'] = true
    const anew = askingAnew(environ)
    if (!isForPage(environ)) return app(anew, startResponse)

    const { version } = followers
    const asked = askingForAll(anew)
    // What is further in adds to the copy; what it does not see is shown all the same.
    const fail = (error: unknown, start: StartResponse): Promise<Body> =>
      failed(error, { ...environ, ...asked }, version, start)
    // A stream may begin anew with an error.
    let late: StartResponse = startResponse
    try {
      const response = await callApp(app, asked, (...head) => late(...head))
      const { error } = environ['robaccia.notes']
      if (error !== undefined && response.status >= 500) {
        await closeBody(response.body)
        return await fail(error, startResponse)
      }
      if (!isPage(response)) {
        startResponse(response.status, response.headers)
        return response.body
      }
      const nonce = randomBytes(16).toString('base64url')
      const page: Page = {
        environ,
        tag: element(version, environ.REQUEST_METHOD, nonce),
        start: (status, headers, thrown) =>
          startResponse(status, following(headers, environ, nonce), thrown),
        fail: (thrown) => fail(thrown, (status, headers) => startResponse(status, headers, thrown)),
      }
      late = page.start
      return isWhole(response.body)
        ? await wholePage(response, startResponse, page)
        : streamedPage(response, response.body, page)
    } catch (error) {
      return answered(error, environ, (thrown) => fail(thrown, startResponse))
    }
  }
}

type Stream = Body & AsyncIterable<Chunk>

/** A page on its way. */
interface Page {
  readonly environ: Environ
  readonly tag: string
  readonly start: StartResponse
  /** Begins anew with the error's page. */
  readonly fail: (error: unknown) => Promise<Body>
}

async function wholePage(
  { status, headers, body }: Response,
  startResponse: StartResponse,
  { environ, tag, start }: Page,
): Promise<Body> {
  const bytes = await readAll(body)
  const inserted = insert(bytes, tag)
  // A HEAD may be answered without the body whose head it has.
  const isBare = bytes.length === 0 && environ.REQUEST_METHOD === 'HEAD'
  if (inserted === undefined && !isBare) startResponse(status, headers)
  else start(status, headers)
  return [inserted ?? bytes]
}

function streamedPage({ status, headers }: Response, body: Stream, page: Page): Body {
  page.start(status, headers)
  return {
    [Symbol.asyncIterator]: () => chunks(body, page),
    close: () => closeBody(body),
  }
}

async function* chunks(body: Stream, { environ, tag, fail }: Page): AsyncGenerator<Chunk> {
  let sent = false
  try {
    for await (const chunk of insertStream(body, tag)) {
      sent = true
      yield chunk
    }
  } catch (error) {
    if (sent) throw error
    const made = await answered(error, environ, fail)
    if (isWhole(made)) yield* made
  }
}

/** Reports what was thrown and answers with its page, unless it is a client's mistake, which is no error of ours. */
async function answered(
  error: unknown,
  environ: Environ,
  fail: (error: unknown) => Promise<Body>,
): Promise<Body> {
  if (answerTo(error).status < 500) throw error
  reportThrown(error, environ)
  return fail(error)
}

async function failed(
  error: unknown,
  environ: Environ,
  version: string,
  startResponse: StartResponse,
): Promise<Body> {
  const { status } = answerTo(error)
  const follower = (nonce: string): string => element(version, environ.REQUEST_METHOD, nonce)
  const title = STATUS_CODES[status] ?? 'Error'
  const { errorPage } = await import('./error-page.js')
  const { headers, markup } = await errorPage(error, { title, follower, environ })
  startResponse(status, headers)
  return [markup]
}
