// Parts of what is stored (RFC 9110 §14, RFC 9111 §3.3).
import { httpDate, type Environ, type HeaderList } from '@robaccia/core'
import { field } from './field.js'

/** What a client asks for: the first byte and the last, or how many there are to be at the end. */
type Asked =
  { readonly first: number; readonly last: number | undefined } | { readonly suffix: number }

/** A part of a whole: the first byte and the last, and how long the whole is. */
export interface Part {
  readonly first: number
  readonly last: number
  readonly total: number
}

/** A part of what is stored, and where it is there: counted as by `Array.prototype.slice`, so below 0 from the end. */
export interface Slice {
  readonly start: number
  readonly end: number | undefined
  readonly part: Part
}

/**
 * The one range that a request asks for. Several are as good as none (§14.2 lets a server ignore them): many small ones are
 * how servers are made to work.
 */
function askedOf({ HTTP_RANGE: range, REQUEST_METHOD: method }: Environ): Asked | undefined {
  if (range === undefined || method !== 'GET') return undefined
  const [, from = '', to = ''] = /^bytes=\s*(\d*)-(\d*)\s*$/i.exec(range) ?? []
  if (from === '') return to === '' ? undefined : { suffix: Number(to) }
  if (to !== '' && Number(to) < Number(from)) return undefined
  return { first: Number(from), last: to === '' ? undefined : Number(to) }
}

/** What a 206 has of a whole; undefined if it does not say, or has several parts. */
export function partOf(headers: HeaderList): Part | undefined {
  const [, first, last, total] =
    /^bytes (\d+)-(\d+)\/(\d+)$/i.exec(field(headers, 'content-range') ?? '') ?? []
  if (first === undefined) return undefined
  const part = { first: Number(first), last: Number(last), total: Number(total) }
  return part.first <= part.last && part.last < part.total ? part : undefined
}

/**
 * The slice of a stored body that a request asks for: of a whole, or of a part that has all of it.
 *
 * @returns `none` for a range that lies beyond the whole; undefined if the request is for all of it, or for what is not here
 */
export function sliceOf(
  environ: Environ,
  headers: HeaderList,
  { first: begin, last: stop, total }: Part,
): Slice | 'none' | undefined {
  const asked = askedOf(environ)
  if (asked === undefined || !meetsCondition(environ, headers)) return undefined
  const first = 'suffix' in asked ? Math.max(total - asked.suffix, 0) : asked.first
  const last = 'suffix' in asked ? total - 1 : Math.min(asked.last ?? total - 1, total - 1)
  if (first >= total) return 'none'
  if (first < begin || last > stop) return undefined
  const part = { first, last, total }
  // By the end that they have in common, also where an app miscounts its parts.
  if ('suffix' in asked) return { start: first - total, end: undefined, part }
  return { start: first - begin, end: last - begin + 1, part }
}

/** By a strong tag, or the very date, if that is old enough to be strong (§13.1.5, §8.8.2.2). */
function meetsCondition({ HTTP_IF_RANGE: condition }: Environ, headers: HeaderList): boolean {
  if (condition === undefined) return true
  const value = condition.trim()
  if (value.startsWith('"')) return value === field(headers, 'etag')
  const modified = field(headers, 'last-modified')
  const age = httpDate(field(headers, 'date')) - httpDate(modified)
  return value === modified && age >= 1000
}

/** The headers of a 206. */
export function partial(headers: HeaderList, { first, last, total }: Part): HeaderList {
  return [
    ...headers.filter(([name]) => name !== 'content-length' && name !== 'content-range'),
    ['content-range', `bytes ${first}-${last}/${total}`],
  ]
}

/** The headers of a 416, which tells how long the whole is (RFC 9110 §15.5.17). */
export function unsatisfiable(headers: HeaderList, total: number): HeaderList {
  return [
    ...headers.filter(([name]) => !ofTheBody.has(name)),
    ['content-range', `bytes */${total}`],
  ]
}

const ofTheBody: ReadonlySet<string> = new Set([
  'content-encoding',
  'content-language',
  'content-length',
  'content-range',
  'content-type',
  'etag',
  'last-modified',
])
