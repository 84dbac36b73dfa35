// Work that takes a processor and memory, a few at a time; a few more wait, the rest is turned away.
import createError from 'http-errors'

export interface Bounds {
  readonly concurrent: number
  readonly queue: number
}

/** @returns what runs a piece of work. It throws 503 with `retry-after` when too many wait. */
export function bounded({
  concurrent,
  queue,
}: Bounds): <Result>(work: () => Promise<Result>) => Promise<Result> {
  let running = 0
  const waiting: (() => void)[] = []
  return async (work) => {
    if (running >= concurrent) {
      if (waiting.length >= queue) throw busy()
      // Whoever leaves hands its place on, so that the number that run stays as it is.
      await new Promise<void>((resolve) => waiting.push(resolve))
    } else {
      running += 1
    }
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next === undefined) running -= 1
      else next()
    }
  }
}

function busy(): createError.HttpError {
  return createError(503, 'Many people are logging in just now. Try again in a moment.', {
    expose: true,
    headers: { 'retry-after': '2' },
  })
}
