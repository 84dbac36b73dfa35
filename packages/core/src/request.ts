// What a request says in its head: one header, the query, the cookies. Its body: readBody, readJson, readForm, readParts.
import { parseCookie } from 'cookie'
import type { Environ } from './contract.js'

/** A request header's value, by its name in any case. */
export function header(environ: Environ, name: string): string | undefined {
  const key = name.toUpperCase().replaceAll('-', '_')
  if (key === 'CONTENT_TYPE' || key === 'CONTENT_LENGTH') return environ[key]
  return environ[`HTTP_${key}`]
}

/** The query, decoded: a `+` is a space, and what is malformed stays as it came (WHATWG URL §5.1). */
export function query(environ: Environ): URLSearchParams {
  return new URLSearchParams(environ.QUERY_STRING)
}

/**
 * The cookies by name, in an object that inherits nothing. The first of a name wins: browsers send the
 * one with the longest path first (RFC 6265 §5.4). A malformed pair is left out; a value that is not
 * well percent-encoded stays as it came.
 */
export function cookies(environ: Environ): Record<string, string | undefined> {
  return parseCookie(environ.HTTP_COOKIE ?? '')
}
