// What keeps an app from being made, in words for whoever asked for it.

/** Printed as one line without a stack. */
export class CreateError extends Error {
  /** 1: it failed; 2: it was asked for wrongly. */
  readonly exitCode: 1 | 2

  constructor(message: string, options: { exitCode?: 1 | 2; cause?: unknown } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.name = 'CreateError'
    this.exitCode = options.exitCode ?? 2
  }

  /** The rule that was broken, and what the system said. */
  static of(rule: string, cause: unknown): CreateError {
    const got = cause instanceof Error ? cause.message : String(cause)
    return new CreateError(`${rule}, got ${got}`, { exitCode: 1, cause })
  }
}
