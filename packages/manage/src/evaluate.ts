// A piece of code as the prompt would run it, all at once: with top-level await, and the value of its last expression.
import { start } from 'node:repl'
import { PassThrough } from 'node:stream'
import { inspect } from 'node:util'
import { CommandError } from './command.js'

/**
 * Runs code by the evaluation of Node's own prompt, which knows `await` and `import()`.
 *
 * @returns the value of the last expression
 * @throws CommandError for what the code throws, with the line of the code that it came from
 */
export async function evaluate(code: string): Promise<unknown> {
  const repl = start({
    input: new PassThrough(),
    output: new PassThrough().resume(),
    terminal: false,
    prompt: '',
    useGlobal: true,
  })
  const text = code.trimEnd()
  try {
    return await new Promise((resolve, reject) => {
      const fail = (thrown: unknown): void => reject(explained(thrown, text))
      // What is thrown in a timer, or behind an await, goes past the callback: the prompt notes it and shows itself again.
      repl.displayPrompt = () => fail(repl.lastError)
      repl.eval(`${text}\n`, repl.context, FILE, (error, value: unknown) => {
        // Its word for no error is null: undefined may be what was thrown.
        if (error === null) resolve(value)
        // Code that stops half-way is wrapped.
        else fail(error instanceof Error && 'err' in error ? error.err : error)
      })
    })
  } finally {
    repl.close()
  }
}

/** A name that no file has, for it is looked for in stacks. */
const FILE = '<shell>'

function explained(thrown: unknown, code: string): CommandError {
  const words = thrown instanceof Error ? String(thrown) : `thrown: ${inspect(thrown)}`
  const text = words.replaceAll(/\s+/g, ' ').trim()
  const stack = thrown instanceof Error ? String(thrown.stack) : ''
  const number = Number(/<shell>:(\d+)/.exec(stack)?.[1])
  const line = code.split('\n')[number - 1]?.trim()
  return new CommandError(line === undefined ? text : `${text} (line ${number}: ${line})`, {
    cause: thrown,
  })
}
