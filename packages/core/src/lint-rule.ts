// What a rule of the contract is, and how its check says what it got.
import { inspect } from 'node:util'

export interface Rule<Subject> {
  readonly id: string
  readonly text: string
  check(subject: Subject): string | undefined
}

export function unless(holds: boolean, got: unknown): string | undefined {
  return holds ? undefined : typeof got === 'string' ? got || "''" : show(got)
}

export function matches(value: unknown, pattern: RegExp): boolean {
  return typeof value === 'string' && pattern.test(value)
}

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/** Says whether a value has a method of that name. */
export function has(value: unknown, name: PropertyKey): boolean {
  return isObject(value) && typeof Reflect.get(value, name) === 'function'
}

export function show(value: unknown): string {
  const text =
    typeof value === 'function' ? `function ${value.name}` : (toJson(value) ?? inspect(value))
  return text.length > 120 ? `${text.slice(0, 120)}…` : text
}

/** Undefined for what has none: undefined itself, a cycle, a BigInt. */
function toJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value)
  } catch {
    return undefined
  }
}
