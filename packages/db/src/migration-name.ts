// What a new migration is called: a number behind the last one, and what it does.
import type { Operation } from './operation.js'
import { describe } from './operation.js'

/** As long as the words of a name may be before the rest is only hinted at. */
const LONGEST = 50

/**
 * @param names of the migrations that there are
 * @param words what to say instead of what the operations do: letters, digits and `_`
 * @returns `0002_add_entry_subtitle`
 */
export function migrationName(
  names: readonly string[],
  operations: readonly Operation[],
  words?: string,
): string {
  const numbers = names.map((name) => Number(/^\d+/.exec(name)?.[0] ?? 0))
  const number = String(Math.max(0, ...numbers) + 1).padStart(4, '0')
  return `${number}_${words ?? (names.length === 0 ? 'initial' : summary(operations))}`
}

function summary(operations: readonly Operation[]): string {
  const parts = operations.map((operation) =>
    describe(operation)
      .replace(/\b(?:table|column) /, '')
      .replaceAll(/\W+/g, '_')
      .replaceAll(/^_|_$/g, '')
      .toLowerCase(),
  )
  const [first = 'changes', ...rest] = parts
  let name = first.slice(0, LONGEST)
  for (const part of rest) {
    if (name.length + part.length + 1 > LONGEST) return `${name}_and_more`
    name = `${name}_${part}`
  }
  return name
}
