// What every server of the scenario `route` does for a request, so that they differ only in how they get to do it:
// one route with a variable, /people/{id}, and three middleware.

const counts = new Map<number, number>()
let milliseconds = 0

/** Middleware 1 measures time and status, and tells them to this: a tally, as for metrics. */
export function tally(status: number, elapsed: number): void {
  counts.set(status, (counts.get(status) ?? 0) + 1)
  milliseconds += elapsed
}

/** Middleware 2 sets a header. */
export const HEADER = ['x-content-type-options', 'nosniff'] as const

/** Middleware 3 reads Authorization: the user, or undefined, and then the answer is a 401 with this header. */
export function userOf(authorization: string | undefined | null): string | undefined {
  return authorization === 'Bearer swordfish' ? 'ada' : undefined
}
export const CHALLENGE = ['www-authenticate', 'Bearer'] as const

/** The view's text. */
export function answer(id: string, user: string): string {
  return `${id} is read by ${user}`
}

/** What was tallied, for the test: a tally that nobody reads might be optimised away. */
export function tallied(): string {
  return `${[...counts].map(([status, count]) => `${count} × ${status}`).join(', ')} in ${milliseconds.toFixed(1)} ms`
}
