// The contract's rules for a response. A check gives what it got when the rule is broken, and nothing when
// it holds.
import type { HeaderList, Outcome } from './contract.js'
import { hopByHop, sendable, token } from './head.js'
import { has, isObject, show, unless } from './lint-rule.js'
import type { Rule } from './lint-rule.js'

/** One call of startResponse. */
export interface StartCall {
  readonly status: unknown
  readonly headers: unknown
  readonly error: unknown
  /** How many calls there were before. */
  readonly earlier: number
  /** The promise that the app returned has settled. */
  readonly settled: boolean
}

/** What an app handed back. */
export interface Answered {
  readonly body: unknown
  readonly started: boolean
}

/** How the body was treated, looked at when the response is finished or dropped. */
export interface Ending {
  readonly method: string
  readonly status: number
  readonly contentLength: string | undefined
  readonly whole: boolean
  /** Bytes of all chunks, if the body was read to its end. */
  readonly bytes: number | undefined
  readonly iterations: number
  readonly pullsAfterClose: number
  readonly closes: number
  /** Reading was stopped where nothing was being waited for, and the iterator not told. */
  readonly forsaken: boolean
  /** What was done to an array body after it was handed over. */
  readonly changed: string | undefined
  /** The header list as it was handed over, and as it is. */
  readonly handed: HeaderList
  readonly headers: HeaderList
}

/** Duties of an app that answers. */
export const startRules: readonly Rule<StartCall>[] = [
  {
    id: 'S1',
    text: 'startResponse is called again only with `error`.',
    check: ({ earlier, error, status }) =>
      unless(earlier === 0 || error !== undefined, `a second call with status ${show(status)}`),
  },
  {
    id: 'S2',
    text: 'startResponse is first called before the promise that the app returned settles.',
    check: ({ earlier, settled }) => unless(earlier > 0 || !settled, 'a first call after it'),
  },
  {
    id: 'S3',
    text: 'The status is an integer from 200 to 599.',
    check: ({ status }) =>
      unless(Number.isInteger(status) && Number(status) >= 200 && Number(status) <= 599, status),
  },
  {
    id: 'S4',
    text: 'The headers are an array of pairs of strings.',
    check: ({ headers }) => unless(isHeaderList(headers), headers),
  },
  {
    id: 'S5',
    text: 'A header name is a token in lower case (RFC 9110 §5.1).',
    check: ({ headers }) =>
      find(headers, ([name]) => !token.test(name) || name !== name.toLowerCase()),
  },
  {
    id: 'S6',
    text: 'A header value has no control character but the tab, and nothing over U+00FF (RFC 9110 §5.5).',
    check: ({ headers }) => find(headers, ([, value]) => !sendable.test(value)),
  },
  {
    id: 'S7',
    text:
      'There is no hop-by-hop header: `connection`, `keep-alive`, `proxy-connection`, `te`, `trailer`, ' +
      '`transfer-encoding`, `upgrade` (RFC 9110 §7.6.1).',
    check: ({ headers }) => find(headers, ([name]) => hopByHop.has(name)),
  },
  {
    id: 'S8',
    text: '`content-type`, `content-length` and `location` come at most once.',
    check: ({ headers }) =>
      find(
        headers,
        ([name], index, all) =>
          /^(?:content-type|content-length|location)$/.test(name) &&
          all.findIndex(([other]) => other === name) !== index,
      ),
  },
  {
    id: 'S9',
    text: '`content-length` is a string of digits, and there is none with 204 (RFC 9110 §8.6).',
    check: ({ status, headers }) =>
      find(
        headers,
        ([name, value]) => name === 'content-length' && (!/^\d+$/.test(value) || status === 204),
      ),
  },
]

/** Duties of an app: what it hands back. */
export const answerRules: readonly Rule<Answered>[] = [
  {
    id: 'A1',
    text:
      'The app has called startResponse when the promise that it returned settles. (An `async function*` runs ' +
      'only once it is read: it is no app.)',
    check: ({ started }) => unless(started, 'no call'),
  },
  {
    id: 'A2',
    text: 'The body is an array or an async iterable; a bare string is neither.',
    check: ({ body }) => unless(Array.isArray(body) || has(body, Symbol.asyncIterator), body),
  },
  {
    id: 'A3',
    text: 'If the body has `close`, it is a function.',
    check: ({ body }) =>
      unless(
        !isObject(body) || !('close' in body) || typeof body.close === 'function',
        'a close that is none',
      ),
  },
]

/** Duties of an app: each chunk of the body. */
export const chunkRules: readonly Rule<unknown>[] = [
  {
    id: 'C1',
    text: 'A chunk is a string or a Uint8Array.',
    check: (chunk) => unless(typeof chunk === 'string' || chunk instanceof Uint8Array, chunk),
  },
]

/** Duties of both, seen when the response is finished or dropped. */
export const endRules: readonly Rule<Ending>[] = [
  {
    id: 'D1',
    text: '`content-length` is the length of the body.',
    check: ({ method, status, contentLength, bytes }) => {
      const compared = method !== 'HEAD' && status !== 304 && bytes !== undefined
      return unless(
        !compared || contentLength === undefined || Number(contentLength) === bytes,
        `${contentLength} for ${bytes} bytes`,
      )
    },
  },
  {
    id: 'D2',
    text: 'Whoever takes a body iterates it at most once.',
    check: ({ iterations, whole }) => unless(whole || iterations <= 1, `${iterations} iterations`),
  },
  {
    id: 'D3',
    text: 'Whoever discards or drains a body closes it, exactly once.',
    check: ({ closes }) => unless(closes === 1, `${closes} calls of close`),
  },
  {
    id: 'D4',
    text: 'Nothing is pulled from a body after it was closed.',
    check: ({ pullsAfterClose }) => unless(pullsAfterClose === 0, `${pullsAfterClose} pulls`),
  },
  {
    id: 'D5',
    text: 'Whoever stops reading a stream before its end says so by the iterator’s `return()`.',
    check: ({ forsaken }) => unless(!forsaken, 'an iteration that was left open'),
  },
  {
    id: 'D6',
    text: 'Nobody changes a body array that it did not make, or adds `close` to it.',
    check: ({ changed }) => changed,
  },
  {
    id: 'D7',
    text: 'Nobody changes a header list that was handed over.',
    check: ({ handed, headers }) =>
      unless(JSON.stringify(handed) === JSON.stringify(headers), headers),
  },
]

/** Duties of a server: what it gives to functions added with `after`. */
export const outcomeRules: readonly Rule<Outcome>[] = [
  {
    id: 'D8',
    text: 'An `after` function gets `{ status, headers, bytes, aborted }`.',
    check: (outcome) => {
      const { status, headers, bytes, aborted } = outcome
      return unless(
        Number.isInteger(status) &&
          isHeaderList(headers) &&
          Number.isInteger(bytes) &&
          bytes >= 0 &&
          typeof aborted === 'boolean',
        outcome,
      )
    },
  },
]

/** Duties of whoever takes the head: seen by an app that calls startResponse late. */
export const lateRules: readonly Rule<{ readonly threw: boolean }>[] = [
  {
    id: 'L1',
    text: 'Once the head is sent, startResponse throws the error that it is given.',
    check: ({ threw }) => unless(threw, 'a call that returned'),
  },
]

function isHeaderList(headers: unknown): headers is [string, string][] {
  return (
    Array.isArray(headers) &&
    headers.every(
      (pair) =>
        Array.isArray(pair) && pair.length === 2 && pair.every((each) => typeof each === 'string'),
    )
  )
}

function find(
  headers: unknown,
  wrong: (pair: [string, string], index: number, all: [string, string][]) => boolean,
): string | undefined {
  const pair = isHeaderList(headers) ? headers.find(wrong) : undefined
  return pair && `${show(pair[0])}: ${show(pair[1])}`
}
