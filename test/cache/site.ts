// An app that answers as a test says, behind a cache, and how often it was asked.
import { cache, type CacheOptions } from '@robaccia/cache'
import type { Body, Environ, HeaderList, StartResponse } from '@robaccia/core'
import { lint } from '@robaccia/core/lint'
import { client } from '@robaccia/core/testing'

export type Answer = (
  environ: Environ,
  startResponse: StartResponse,
  count: number,
) => Body | Promise<Body>

/** An answer with these headers, and the number of times that the app was asked as its body. */
export const counted =
  (headers: HeaderList, status = 200): Answer =>
  (_environ, startResponse, count) => {
    startResponse(status, [['content-type', 'text/plain'], ...headers])
    return [String(count)]
  }

export function site(answer: Answer, options: CacheOptions = {}) {
  let asked: Environ[] = []
  const pages = cache(options)
  // What it is asked is linted too: a request of its own keeps the contract.
  const app = lint((environ, startResponse) => {
    asked.push(environ)
    return answer(environ, startResponse, asked.length)
  })
  return {
    pages,
    app: pages(app),
    ...client(pages(app)),
    /** The requests that came to the app. */
    get asked(): readonly Environ[] {
      return asked
    },
    forget: () => {
      asked = []
    },
  }
}
