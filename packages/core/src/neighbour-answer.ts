// A neighbour's answer as one that keeps the contract: what other frameworks let through (hop-by-hop headers,
// a length with 204, a status of 700) is put right here and nowhere else.
import type { Response } from './body.js'
import { byteLength, closeBody, isWhole, toBytes } from './body.js'
import type { Body, Environ, HeaderList } from './contract.js'
import { hasNoBody } from './exchange.js'
import { hopByHop } from './head.js'

/** What a field value can't have (RFC 9110 §5.5), which a Fetch handler's Headers let through. */
const unsendable = /[^\t -~\x80-\xff]/g

const once: ReadonlySet<string> = new Set(['content-type', 'content-length', 'location'])

/**
 * Puts an answer right. A status outside of 200 to 599 is a 500, as clients are to take it (RFC 9110 §15); a
 * `content-length` that a whole body doesn't have goes away, and a stream that doesn't keep it fails.
 */
export function neighbourAnswer(environ: Environ, answer: Response): Response {
  const status = answer.status >= 200 && answer.status <= 599 ? answer.status : 500
  const sent = environ.REQUEST_METHOD !== 'HEAD' && !hasNoBody(status)
  const headers = cleaned(answer.headers, status)
  const length = headers.find(([name]) => name === 'content-length')?.[1]
  if (!sent || length === undefined) return { status, headers, body: answer.body }
  if (!isWhole(answer.body)) return { status, headers, body: exactly(answer.body, Number(length)) }
  const wrong = byteLength(answer.body) !== Number(length)
  return {
    status,
    headers: wrong ? headers.filter(([name]) => name !== 'content-length') : headers,
    body: answer.body,
  }
}

function cleaned(headers: HeaderList, status: number): HeaderList {
  const seen = new Set<string>()
  const clean: [string, string][] = []
  for (const [field, value] of headers) {
    const name = field.toLowerCase()
    if (hopByHop.has(name) || (once.has(name) && seen.has(name))) continue
    // RFC 9110 §8.6
    if (name === 'content-length' && (status === 204 || !/^\d+$/.test(value))) continue
    seen.add(name)
    clean.push([name, value.replaceAll(unsendable, '')])
  }
  return clean
}

/** A stream that fails rather than end early or go on: a client would take the next response for its rest. */
function exactly(body: Exclude<Body, readonly unknown[]>, length: number): Body {
  return {
    async *[Symbol.asyncIterator]() {
      let size = 0
      for await (const chunk of body) {
        size += toBytes(chunk).byteLength
        if (size > length) break
        yield chunk
      }
      if (size !== length) {
        const got = size > length ? 'more' : size
        throw new Error(`the body must have the ${length} bytes of its content-length, got ${got}`)
      }
    },
    close: () => closeBody(body),
  }
}
