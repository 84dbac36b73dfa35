// A body that counts what is done with it: the sum is drawn when the response is finished or dropped.
import { closeBody, isWhole, toBytes } from './body.js'
import type { Body, Chunk } from './contract.js'
import { chunkRules } from './lint-response-rules.js'
import type { Ending } from './lint-response-rules.js'
import type { Hold } from './lint-violation.js'

/** What was done with a body. */
type Treatment = Pick<
  Ending,
  'whole' | 'bytes' | 'iterations' | 'pullsAfterClose' | 'closes' | 'forsaken' | 'changed'
>

export interface LintedBody {
  readonly body: Body
  treatment(): Treatment
}

/** @param sent is called when a chunk has been taken, and the head with it */
export function lintBody(body: Body, hold: Hold, sent: () => void): LintedBody {
  let closes = 0
  const close = async (): Promise<void> => {
    closes += 1
    if (closes === 1) await closeBody(body)
  }
  return isWhole(body)
    ? lintWhole(body, hold, close, () => closes)
    : lintStream(body, hold, close, () => closes, sent)
}

function lintWhole(
  body: readonly Chunk[],
  hold: Hold,
  close: () => Promise<void>,
  closes: () => number,
): LintedBody {
  let bytes = 0
  for (const chunk of body) {
    hold(chunkRules, chunk)
    bytes += toBytes(chunk).byteLength
  }
  const handed = Object.assign([...body], { close })
  const changed = () => {
    if (handed.close !== close) return 'another close'
    const same = handed.length === body.length && handed.every((each, at) => each === body[at])
    return same ? undefined : 'other chunks'
  }
  return {
    body: handed,
    treatment: () => ({
      whole: true,
      bytes,
      iterations: 0,
      pullsAfterClose: 0,
      closes: closes(),
      forsaken: false,
      changed: changed(),
    }),
  }
}

/** An iterator of its own, since a generator would put off a `return()` until the next chunk is there. */
function lintStream(
  body: AsyncIterable<Chunk>,
  hold: Hold,
  close: () => Promise<void>,
  closes: () => number,
  sent: () => void,
): LintedBody {
  let bytes = 0
  let iterations = 0
  let pullsAfterClose = 0
  let waiting = 0
  let state: 'unread' | 'begun' | 'complete' | 'over' = 'unread'

  function iterate(): AsyncIterator<Chunk> {
    iterations += 1
    const iterator = body[Symbol.asyncIterator]()
    let taken = false
    return {
      async next() {
        if (taken) sent()
        if (closes() > 0) pullsAfterClose += 1
        if (state === 'unread') state = 'begun'
        waiting += 1
        try {
          const result = await iterator.next()
          if (result.done === true) state = 'complete'
          else {
            hold(chunkRules, result.value)
            bytes += toBytes(result.value).byteLength
            taken = true
          }
          return result
        } catch (error) {
          state = 'over'
          throw error
        } finally {
          waiting -= 1
        }
      },
      async return() {
        if (state !== 'complete') state = 'over'
        return (await iterator.return?.()) ?? { done: true, value: undefined }
      },
    }
  }
  return {
    body: { [Symbol.asyncIterator]: iterate, close },
    treatment: () => ({
      whole: false,
      bytes: state === 'complete' ? bytes : undefined,
      iterations,
      pullsAfterClose,
      closes: closes(),
      forsaken: state === 'begun' && waiting === 0,
      changed: undefined,
    }),
  }
}
