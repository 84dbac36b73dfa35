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

/** Bytes that are read at most. */
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

/** What is typed is shown nowhere, and not kept for the arrow keys. */
async function askedTwice(input: Readable, output: Writable): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const editor = createInterface({ input, output: nowhere, terminal: true, historySize: 0 })
  const lines = editor[Symbol.asyncIterator]()
  const asked = async (prompt: string): Promise<string> => {
    output.write(prompt)
    // Ctrl-C, Ctrl-D, or the input's end.
    const { done, value } = await lines.next()
    output.write('\n')
    if (done === true) throw new Refusal('a password must be typed, got none')
    return value
  }
  try {
    const password = await asked('New password: ')
    if ((await asked('The same again: ')) === password) return password
    throw new Refusal('the two passwords must be the same, got different ones')
  } finally {
    editor.close()
  }
}

async function line(input: Readable): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  const sent: AsyncIterable<string | Uint8Array> = input
  for await (const chunk of sent) {
    const some = Buffer.from(chunk)
    chunks.push(some)
    bytes += some.length
    if (bytes > LONGEST)
      throw new Refusal(`a password must have at most ${LONGEST} bytes, got more`)
  }
  const [first = '', ...rest] = decoded(Buffer.concat(chunks))
    .replace(/\r?\n$/, '')
    .split('\n')
  if (rest.length === 0) return first
  throw new Refusal('a password must be one line, got several')
}

function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new Refusal('a password must be UTF-8, got other bytes')
  }
}
