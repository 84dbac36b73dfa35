// A piece of code as the prompt would run it, all at once: with top-level await, and the value of its last expression.
import { start } from 'node:repl'
import { PassThrough } from 'node:stream'
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
  try {
    return await new Promise((resolve, reject) => {
      // What is thrown behind an await goes past the callback: the prompt notes it and shows itself again.
      repl.displayPrompt = () => reject(explained(repl.lastError, code))
      repl.eval(`${code}\n`, repl.context, FILE, (error, value: unknown) => {
        if (error === null || error === undefined) resolve(value)
        else reject(explained('err' in error ? error.err : error, code)) // code that stops half-way is wrapped
      })
    })
  } finally {
    repl.close()
  }
}

const FILE = 'shell'

function explained(thrown: unknown, code: string): CommandError {
  const text = (thrown instanceof Error ? String(thrown) : `thrown: ${String(thrown)}`)
    .replaceAll(/\s+/g, ' ')
    .trim()
  const stack = thrown instanceof Error ? (thrown.stack ?? '') : ''
  const number = Number(/\bshell:(\d+)/.exec(stack)?.[1])
  const line = code.split('\n')[number - 1]?.trim()
  return new CommandError(line === undefined ? text : `${text} (line ${number}: ${line})`, {
    cause: thrown,
  })
}
