// Asks for a new password: on a terminal twice and unseen, else one line of standard input.
import { createInterface } from 'node:readline'
import { Writable, type Readable } from 'node:stream'

/** What it needs of the context of a command of `@robaccia/manage`. */
export interface Asking {
  readonly stdin: Readable & { readonly isTTY?: boolean }
  readonly stderr: Writable
  readonly print: (line: string) => void
  readonly warn: (line: string) => void
}

/** Characters that are read at most. */
const LONGEST = 4096

/** Gives its hash; undefined if there is none, and then it has said why. */
export async function newPassword(
  { stdin, stderr, warn }: Asking,
  hash: (password: string) => Promise<string>,
): Promise<string | undefined> {
  try {
    const password = stdin.isTTY === true ? await askedTwice(stdin, stderr) : await line(stdin)
    return await hash(password)
  } catch (error) {
    if (!(error instanceof RangeError) && !(error instanceof Refusal)) throw error
    warn(`error: ${error.message}`)
    return undefined
  }
}

/** What was typed is no password, in words for who typed it. */
class Refusal extends Error {}

async function askedTwice(input: Readable, output: Writable): Promise<string> {
  const password = await asked('New password: ', input, output)
  if ((await asked('The same again: ', input, output)) === password) return password
  throw new Refusal('the two passwords must be the same, got different ones')
}

/** What is typed goes nowhere: the line editor has nowhere to show it. */
async function asked(prompt: string, input: Readable, output: Writable): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const editor = createInterface({ input, output: nowhere, terminal: true })
  try {
    return await new Promise<string>((resolve, reject) => {
      editor.once('line', resolve)
      // Ctrl-C, Ctrl-D, or the input's end.
      editor.once('close', () => reject(new Refusal('a password must be typed, got none')))
      output.write(prompt)
    })
  } finally {
    editor.close()
    output.write('\n')
  }
}

async function line(input: Readable): Promise<string> {
  let text = ''
  for await (const chunk of input) {
    text += String(chunk)
    if (text.length > LONGEST) {
      throw new Refusal(`a password must have at most ${LONGEST} characters, got more`)
    }
  }
  const [first = '', ...rest] = text.replace(/\r?\n$/, '').split('\n')
  if (rest.length === 0) return first
  throw new Refusal('a password must be one line, got several')
}
