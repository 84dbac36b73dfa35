// What an application failed with, as it is told from one process to the other and shown.
import { inspect } from 'node:util'

/** What an application that could not go on failed with. */
export interface Failure {
  readonly name: string
  readonly message: string
  readonly stack: string
  /** The stacks of its causes. */
  readonly causes: readonly string[]
}

/** What was thrown, as far as it can be sent and a page needs it. */
export function failureOf(thrown: unknown): Failure {
  const error = thrown instanceof Error ? thrown : new Error(named(thrown))
  const { name, message, stack = `${name}: ${message}` } = error
  return { name, message, stack, causes: causes(error) }
}

/** The stacks of an error's causes, the nearest first. */
export function causes(error: Error): string[] {
  const seen = new Set<unknown>([error])
  const found: string[] = []
  for (let { cause } = error; cause !== undefined && !seen.has(cause);) {
    seen.add(cause)
    found.push(cause instanceof Error ? (cause.stack ?? String(cause)) : named(cause))
    cause = cause instanceof Error ? cause.cause : undefined
  }
  return found
}

/** What was thrown and is no error, in words. */
export function named(thrown: unknown): string {
  return `thrown: ${inspect(thrown, { depth: 1 })}`
}

/** The error as it was in the process that ended of it. */
export function errorOf({ name, message, stack, causes: stacks }: Failure): Error {
  const cause = stacks.reduceRight<Error | undefined>((inner, each) => {
    const error = new Error(each.split('\n', 1)[0], inner === undefined ? {} : { cause: inner })
    return Object.assign(error, { stack: each })
  }, undefined)
  return Object.assign(new Error(message, cause === undefined ? {} : { cause }), { name, stack })
}
