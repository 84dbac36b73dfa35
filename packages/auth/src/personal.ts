// The headers of a response that is one person's: no shared cache may give it to another (RFC 9111 §5.2.2.7).
import type { HeaderList } from '@robaccia/core'

/** Directives that would allow what `private` forbids, and forms of it that are weaker. */
const allowing = /^(?:public|private|s-maxage)\s*(?:=|$)/i

/** A directive may have commas inside quotes. */
const directive = /(?:[^,"]|"(?:[^"\\]|\\.)*")+/g

/** Adds `vary: cookie` and `cache-control: private`; what contradicts them is left out. */
export function personal(headers: HeaderList): HeaderList {
  const control = valuesOf(headers, 'cache-control')
    .flatMap((value) => value.match(directive) ?? [])
    .map((each) => each.trim())
    .filter((each) => each !== '' && !allowing.test(each))
  const kept = headers.filter(([name]) => name !== 'cache-control' && !isTargeted(name))
  const varies = valuesOf(headers, 'vary').some((value) =>
    /(?:^|[\s,])(?:\*|cookie)(?:[\s,]|$)/i.test(value),
  )
  return [
    ...kept,
    ['cache-control', [...control, 'private'].join(', ')],
    ...(varies ? [] : [['vary', 'cookie'] as const]),
  ]
}

/** A cache that knows one of these looks at no `cache-control` (RFC 9213 §2.1). */
function isTargeted(name: string): boolean {
  return name.endsWith('-cache-control') || name === 'surrogate-control'
}

function valuesOf(headers: HeaderList, name: string): string[] {
  return headers.filter(([each]) => each === name).map(([, value]) => value)
}

/** What an error of http-errors looks like, whoever made it. */
interface HttpErrorLike extends Error {
  headers?: Record<string, unknown>
}

/** The same for an error that becomes an answer: of those a 404 and some others may be cached (RFC 9110 §15.1). */
export function personalError(thrown: unknown): unknown {
  if (!isHttpError(thrown)) return thrown
  const own = Object.entries(thrown.headers ?? {}).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map(
      (each) => [name.toLowerCase(), String(each)] as const,
    ),
  )
  const headers: Record<string, string[]> = {}
  for (const [name, value] of personal(own)) (headers[name] ??= []).push(value)
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
