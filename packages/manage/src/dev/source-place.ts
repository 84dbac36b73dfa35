// Errors that know a place which their stack does not: a template's line, or code that does not compile. It becomes the
// first frame, since that is where whoever reads a stack looks.
import { fileURLToPath } from 'node:url'

export interface Place {
  readonly file: string
  readonly line: number
  readonly column: number
  /** The error's message without what the page shows anyway. */
  readonly message?: string
  /** The frames are of the compiler, not of the application. */
  readonly isSyntax?: true
}

/** A copy of the error with the place as its first frame; the error itself if there is none. */
export function withPlace(error: Error): Error {
  const place = placeOf(error)
  if (place === undefined) return error
  const { file, line, column, message = error.message, isSyntax } = place
  const frames = isSyntax
    ? []
    : (error.stack ?? '').split('\n').filter((each) => /^ {4}at /.test(each))
  const first = `    at ${file}:${line}:${column}`
  const { name, cause } = error
  const stack = [`${name}: ${message}`, first, ...frames].join('\n')
  return Object.assign(new Error(message, cause === undefined ? {} : { cause }), { name, stack })
}

/** Where the error says that it comes from, if its stack does not. */
export function placeOf(error: Error): Place | undefined {
  const { message, stack = '' } = error
  // Of @robaccia/render, which is not asked for here: its TemplateError, or anything that has the same.
  if ('file' in error && typeof error.file === 'string') {
    const { file } = error
    const line = 'line' in error && typeof error.line === 'number' ? error.line : undefined
    if (line === undefined) return undefined
    const [words = ''] = message.replace(`${file}:${line}: `, '').split('\n')
    return { file, line, column: 1, message: words }
  }
  // esbuild's, in tsx: `/app/view.ts:12:3: ERROR: Unexpected "}"`.
  const transformed = /^(.+):(\d+):(\d+): ERROR: (.+)$/m.exec(message)
  if (transformed !== null) {
    const [, file = '', line, column, words = ''] = transformed
    return { file, line: Number(line), column: Number(column) + 1, message: words, isSyntax: true }
  }
  // Node's own: the place stands above the message.
  const above = /^(file:\/\/\S+|\/.+):(\d+)\n/.exec(stack)
  if (error.name !== 'SyntaxError' || above === null) return undefined
  const [, path = '', line] = above
  const file = path.startsWith('file:') ? fileURLToPath(path) : path
  return { file, line: Number(line), column: 1, isSyntax: true }
}
