// A part of what is stored whole (RFC 9110 §14).
import { httpDate, type Environ, type HeaderList } from '@robaccia/core'
import { field } from './field.js'

/** The first byte and the last. */
export type Range = readonly [first: number, last: number]

/**
 * The part that a request asks for; `unsatisfiable` if there is none of it, undefined for the whole. That is what several
 * ranges get, too (§14.2 lets a server ignore them): many small ones are how servers are made to work.
 */
export function rangeOf(
  environ: Environ,
  headers: HeaderList,
  length: number,
): Range | 'unsatisfiable' | undefined {
  const { HTTP_RANGE: range, HTTP_IF_RANGE: condition } = environ
  if (range === undefined) return undefined
  const [, from = '', to = ''] = /^bytes=\s*(\d*)-(\d*)\s*$/i.exec(range) ?? []
  if (from === '' && to === '') return undefined
  if (condition !== undefined && !isSame(condition, headers)) return undefined
  if (from === '') {
    const suffix = Math.min(Number(to), length)
    return suffix === 0 ? 'unsatisfiable' : [length - suffix, length - 1]
  }
  const first = Number(from)
  const last = to === '' ? length - 1 : Math.min(Number(to), length - 1)
  if (to !== '' && Number(to) < first) return undefined
  return first >= length ? 'unsatisfiable' : [first, last]
}

/** By a strong tag, or the very date, if that is old enough to be strong (§13.1.5, §8.8.2.2). */
function isSame(condition: string, headers: HeaderList): boolean {
  const value = condition.trim()
  if (value.startsWith('"')) return value === field(headers, 'etag')
  const modified = field(headers, 'last-modified')
  const age = httpDate(field(headers, 'date')) - httpDate(modified)
  return value === modified && age >= 1000
}

/** The headers of a part, or of the answer that there is none. */
export function partOf(
  headers: HeaderList,
  range: Range | 'unsatisfiable',
  length: number,
): HeaderList {
  if (range === 'unsatisfiable') {
    return [...headers.filter(([name]) => !ofTheBody.has(name)), ['content-range', `bytes */${length}`]]
  }
  const [first, last] = range
  return [
    ...headers.filter(([name]) => name !== 'content-length'),
    ['content-range', `bytes ${first}-${last}/${length}`],
    ['content-length', String(last - first + 1)],
  ]
}

const ofTheBody: ReadonlySet<string> = new Set([
  'content-encoding',
  'content-language',
  'content-length',
  'content-type',
  'etag',
  'last-modified',
])
