// Copies of the environ. A key may be an accessor, which notes when it is asked for: a spread would ask.
import type { Environ } from './contract.js'

/**
 * A copy of an environ with some keys changed, for what is further in. Unlike `{ ...environ }` it reads no key: one that
 * is an accessor (`auth.user` inside `sessions` of @robaccia/auth) stays one.
 *
 * @example
 * app(copyOf(environ, { REQUEST_METHOD: 'PUT' }), startResponse)
 */
export function copyOf<E extends Environ, Changes extends object = object>(
  environ: E,
  changes?: Changes,
): E & Changes {
  const copy: Record<PropertyKey, unknown> = {}
  for (const key of Reflect.ownKeys(environ)) {
    const property = Reflect.getOwnPropertyDescriptor(environ, key)
    if (property === undefined) continue
    // Nearly all are plain: to define each of them takes five times as long.
    if (property.enumerable === true && 'value' in property) copy[key] = property.value
    else Object.defineProperty(copy, key, property)
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it has the same properties
  return Object.assign(copy, changes) as E & Changes
}
