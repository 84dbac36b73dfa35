// The contract's rules for a request. A check gives what it got when the rule is broken, and nothing when
// it holds.
import type { Environ, Notes, ServerPort } from './contract.js'
import { token } from './head.js'
import { has, isObject, matches, show, unless } from './lint-rule.js'
import type { Rule } from './lint-rule.js'

const path = /^(?:\/[!-"$->@-~]*)?$/
// CR, LF and NUL could end a header early; node:http sends nothing over U+00FF.
// oxlint-disable-next-line no-control-regex
const unsafeValue = /[\r\n\0]|[^\0-\u00ff]/

const strings = ['SERVER_PROTOCOL', 'REMOTE_ADDR', 'REQUEST_URI', 'QUERY_STRING'] as const
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
      // Only these are read: a key may be an accessor that notes when it is asked for.
      const keys = Object.keys(environ).filter((key) => /^http_/i.test(key))
      const wrong = keys
        .map((key): [string, unknown] => [key, Reflect.get(environ, key)])
        .find(
          ([key, value]) =>
            key !== key.toUpperCase() ||
            key === 'HTTP_PROXY' ||
            typeof value !== 'string' ||
            unsafeValue.test(value),
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

/** What a request is known by, however far in and in whatever copy of its environ. */
export interface KnownRequest {
  readonly server: ServerPort
  readonly notes: Notes
}

/** Duties of whoever hands on an environ, compared with what came in. */
export const requestRules: readonly Rule<{
  readonly environ: Environ
  readonly known: KnownRequest
}>[] = [
  {
    id: 'E16',
    text: '`robaccia.server` and `robaccia.notes` are the same objects in all copies of the environ.',
    check: ({ environ, known: { server, notes } }) => {
      if (environ['robaccia.server'] !== server) return 'another robaccia.server'
      return environ['robaccia.notes'] === notes ? undefined : 'other robaccia.notes'
    },
  },
]

/** Duties of whoever gives a request its body. */
export const inputRules: readonly Rule<unknown>[] = [
  {
    id: 'I1',
    text: '`robaccia.input` gives Uint8Arrays.',
    check: (chunk) => unless(chunk instanceof Uint8Array, chunk),
  },
]
