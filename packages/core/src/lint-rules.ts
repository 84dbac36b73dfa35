// The contract's rules: the table that `lint` checks and SPEC.md is printed from.
// A check gives what it got when the rule is broken, and nothing when it holds.
import type { Environ } from './contract.js'

export interface Rule<Subject> {
  readonly id: string
  readonly text: string
  check(subject: Subject): string | undefined
}

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
}

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const path = /^(?:\/[!-"$->@-~]*)?$/
// CR, LF and NUL could end a header early; node:http sends nothing over U+00FF.
// oxlint-disable-next-line no-control-regex
const unsafeValue = /[\r\n\0]|[^\0-\u00ff]/

// node:http refuses these, so what passes here is sent: all control characters but HTAB.
// oxlint-disable-next-line no-control-regex
const unsendable = /[^\t\u0020-\u007e\u0080-\u00ff]/

const strings = ['SERVER_PROTOCOL', 'REMOTE_ADDR', 'REQUEST_URI', 'QUERY_STRING'] as const
const hopByHop: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** Duties of whoever calls an app: a server, or a middleware further out. */
export const environRules: readonly Rule<Environ>[] = [
  {
    id: 'E1',
    text: 'environ is an ordinary object.',
    check: (environ) => {
      const prototype: unknown =
        typeof environ === 'object' && environ !== null ? Object.getPrototypeOf(environ) : false
      return prototype === Object.prototype || prototype === null ? undefined : show(environ)
    },
  },
  {
    id: 'E2',
    text: '`REQUEST_METHOD` is a token (RFC 9110 §9.1).',
    check: (environ) => unless(matches(environ.REQUEST_METHOD, token), environ.REQUEST_METHOD),
  },
  {
    id: 'E3',
    text: '`SCRIPT_NAME` is `""` or begins with `/`, is percent-encoded, and does not end with `/`.',
    check: ({ SCRIPT_NAME: name }) => unless(matches(name, path) && !name.endsWith('/'), name),
  },
  {
    id: 'E4',
    text: '`PATH_INFO` is `""` or begins with `/`, and is percent-encoded.',
    check: (environ) => unless(matches(environ.PATH_INFO, path), environ.PATH_INFO),
  },
  {
    id: 'E5',
    text: '`QUERY_STRING`, `SERVER_PROTOCOL`, `REMOTE_ADDR` and `REQUEST_URI` are strings.',
    check: (environ) => {
      const wrong = strings.find((key) => typeof environ[key] !== 'string')
      return wrong && `${wrong} ${show(environ[wrong])}`
    },
  },
  {
    id: 'E6',
    text: '`SERVER_NAME` is a string that is not empty, `SERVER_PORT` a string of digits.',
    check: ({ SERVER_NAME: name, SERVER_PORT: port }) =>
      unless(matches(name, /./) && matches(port, /^\d+$/), [name, port]),
  },
  {
    id: 'E7',
    text:
      '`CONTENT_TYPE` and `CONTENT_LENGTH` are strings, the latter of digits, and there only if sent; ' +
      'there is no `HTTP_CONTENT_TYPE` and no `HTTP_CONTENT_LENGTH`.',
    check: (environ) => {
      if ('HTTP_CONTENT_TYPE' in environ || 'HTTP_CONTENT_LENGTH' in environ) {
        return 'HTTP_CONTENT_TYPE or HTTP_CONTENT_LENGTH'
      }
      const { CONTENT_TYPE: type = '', CONTENT_LENGTH: length = '0' } = environ
      return unless(typeof type === 'string' && matches(length, /^\d+$/), [type, length])
    },
  },
  {
    id: 'E8',
    text:
      'Each `HTTP_*` key is in upper case and holds a string without CR, LF, NUL or anything over U+00FF; ' +
      'there is no `HTTP_PROXY`.',
    check: (environ) => {
      const wrong = Object.entries(environ).find(
        ([key, value]) =>
          /^http_/i.test(key) &&
          (key !== key.toUpperCase() ||
            key === 'HTTP_PROXY' ||
            typeof value !== 'string' ||
            unsafeValue.test(value)),
      )
      return wrong && `${wrong[0]} ${show(wrong[1])}`
    },
  },
  {
    id: 'E9',
    text: "`robaccia.version` is `'1.0'` and `robaccia.url_scheme` is `'http'` or `'https'`.",
    check: ({ 'robaccia.version': version, 'robaccia.url_scheme': scheme }) =>
      unless(version === '1.0' && (scheme === 'http' || scheme === 'https'), [version, scheme]),
  },
  {
    id: 'E10',
    text: '`robaccia.input` is an async iterable.',
    check: ({ 'robaccia.input': input }) => unless(has(input, Symbol.asyncIterator), input),
  },
  {
    id: 'E11',
    text: '`robaccia.errors` has `write(text)`.',
    check: ({ 'robaccia.errors': errors }) => unless(has(errors, 'write'), errors),
  },
  {
    id: 'E12',
    text: '`robaccia.server` has `signal` and `after(fn)`; `inform` is absent or a function.',
    check: ({ 'robaccia.server': server }) =>
      unless(
        has(server, 'after') &&
          'signal' in server &&
          (server.inform === undefined || typeof server.inform === 'function'),
        server,
      ),
  },
  {
    id: 'E13',
    text: '`robaccia.notes` is an object.',
    check: ({ 'robaccia.notes': notes }) => unless(isObject(notes), notes),
  },
  {
    id: 'E14',
    text: '`router.params` is an object whose values are strings (or undefined).',
    check: (environ: Environ & { 'router.params'?: unknown }) => {
      const params = environ['router.params']
      return unless(
        isObject(params) &&
          Object.values(params).every((each) => each === undefined || typeof each === 'string'),
        params,
      )
    },
  },
  {
    id: 'E15',
    text: 'Any other key is in lower case and has a dot (`auth.user`).',
    check: (environ) => {
      const wrong = Object.keys(environ).find(
        (key) => !/^[a-z][^A-Z]*\.[^A-Z]+$/.test(key) && !/^HTTP_/i.test(key) && !cgi.has(key),
      )
      return wrong && show(wrong)
    },
  },
]

const cgi: ReadonlySet<string> = new Set([
  'REQUEST_METHOD',
  'SCRIPT_NAME',
  'PATH_INFO',
  'SERVER_NAME',
  'SERVER_PORT',
  'CONTENT_TYPE',
  'CONTENT_LENGTH',
  ...strings,
])

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
    text: 'A header value has no control character but a tab, and nothing over U+00FF (RFC 9110 §5.5).',
    check: ({ headers }) => find(headers, ([, value]) => unsendable.test(value)),
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
]

/** Duties of whoever takes the head: seen by an app that calls startResponse late. */
export const lateRules: readonly Rule<{ readonly threw: boolean }>[] = [
  {
    id: 'L1',
    text: 'Once the head is sent, startResponse throws the error that it is given.',
    check: ({ threw }) => unless(threw, 'a call that returned'),
  },
]

function unless(holds: boolean, got: unknown): string | undefined {
  return holds ? undefined : typeof got === 'string' ? got || "''" : show(got)
}

function matches(value: unknown, pattern: RegExp): boolean {
  return typeof value === 'string' && pattern.test(value)
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/** Says whether a value has a method of that name. */
function has(value: unknown, name: PropertyKey): boolean {
  return isObject(value) && typeof Reflect.get(value, name) === 'function'
}

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

function show(value: unknown): string {
  const text =
    typeof value === 'function'
      ? `function ${value.name}`
      : (JSON.stringify(value) ?? String(value))
  return text.length > 120 ? `${text.slice(0, 120)}…` : text
}
