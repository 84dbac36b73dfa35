// A response's header fields by name.
import type { HeaderList } from '@robaccia/core'

/** A field's value, that of several lines joined by `, ` (RFC 9110 §5.3); undefined if there is none. */
export function field(headers: HeaderList, name: string): string | undefined {
  let value: string | undefined
  for (const [each, its] of headers) {
    if (each === name) value = value === undefined ? its : `${value}, ${its}`
  }
  return value
}

/** A list's members, those that are quoted with their quotes; empty ones are left out (RFC 9110 §5.6.1). */
export function members(list: string): string[] {
  const found: string[] = list.match(/(?:"(?:[^"\\]|\\.)*"?|[^",])+/g) ?? []
  return found.map((each) => each.trim()).filter((each) => each !== '')
}
