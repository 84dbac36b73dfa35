// An error as data for the log: what it is and where it came from. Its other properties stay out: errors of HTTP
// clients and databases carry whole requests, with their Authorization headers and rows.

export interface PlainError {
  readonly type: string
  readonly message: string
  /** With the stacks of its causes. */
  readonly stack: string
  readonly code?: string | number
  readonly status?: number
}

export function plainError(thrown: unknown): PlainError | string {
  if (!(thrown instanceof Error)) return typeof thrown === 'string' ? thrown : typeof thrown
  const code = 'code' in thrown ? thrown.code : undefined
  const status = 'status' in thrown ? thrown.status : undefined
  return {
    type: thrown.name,
    message: thrown.message,
    stack: stackOf(thrown, new Set()),
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...(typeof status === 'number' ? { status } : {}),
  }
}

/** @param told those that the stack has already: a cause may lead back */
function stackOf(error: Error, told: Set<Error>): string {
  told.add(error)
  const own = error.stack ?? `${error.name}: ${error.message}`
  const others = error instanceof AggregateError ? error.errors : []
  return [error.cause, ...others]
    .filter((each): each is Error => each instanceof Error && !told.has(each))
    .reduce((stack, each) => `${stack}\ncaused by ${stackOf(each, told)}`, own)
}
