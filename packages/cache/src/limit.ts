// Options that are numbers are checked when a cache is made, not when a request comes.

/** @throws TypeError for what is no positive integer */
export function assertPositive(subject: string, value: number): void {
  if (Number.isSafeInteger(value) && value > 0) return
  throw new TypeError(`${subject} must be a positive integer, got ${value}`)
}

/** @throws TypeError for what is less than 0, or no finite number */
export function assertAtLeast0(subject: string, value: number): void {
  if (Number.isFinite(value) && value >= 0) return
  throw new TypeError(`${subject} must be a number of at least 0, got ${value}`)
}
