// The headers of an error that becomes an answer: `errors` and servers send those of an http-errors error.
import type { HeaderList } from '@robaccia/core'

/** What an error of http-errors looks like, whoever made it. */
interface HttpErrorLike extends Error {
  headers?: Record<string, unknown>
}

/** Changes the headers of an http-errors error, as a list; whatever else was thrown stays as it is. */
export function withHeaders(thrown: unknown, change: (headers: HeaderList) => HeaderList): unknown {
  if (!isHttpError(thrown)) return thrown
  const own = Object.entries(thrown.headers ?? {}).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map(
      (each) => [name.toLowerCase(), String(each)] as const,
    ),
  )
  const headers: Record<string, string[]> = {}
  for (const [name, value] of change(own)) (headers[name] ??= []).push(value)
  thrown.headers = headers
  return thrown
}

function isHttpError(thrown: unknown): thrown is HttpErrorLike {
  return (
    thrown instanceof Error &&
    'status' in thrown &&
    'expose' in thrown &&
    Object.isExtensible(thrown)
  )
}
