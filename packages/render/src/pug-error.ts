// What Pug throws, as a TemplateError: the file, the line, and as much of the variable as can be known.
// Pug writes the place into the message: `<file>:<line>[:<column>]\n<excerpt>\n\n<reason>`.
import { Script } from 'node:vm'
import type { Vars } from './engine.js'
import { TemplateError } from './template-error.js'

interface PugError extends Error {
  /** At compile time. */
  readonly filename?: string
  readonly line?: number
  /** At run time. */
  readonly path?: string
}

/** @param tree the syntax tree, if it came to one */
export function compileError(error: unknown, file: string, tree: unknown): unknown {
  if (!(error instanceof Error)) return error
  if (error instanceof RangeError) {
    // The stack overflowed. Pug may have added a line for each file that it came through.
    error.message = error.message.replace(/\n[^]*/, '')
    const reason = `a template must not include or extend itself (${error.message})`
    return new TemplateError(reason, { file, cause: error })
  }
  // What was thrown while an include was read has its place at the end; the innermost comes first.
  const include = /^([^]*?)\n {4}at (.+) line (\d+)/.exec(error.message)
  if (include !== null) {
    const [, reason = '', includer = file, line] = include
    error.message = reason
    return new TemplateError(reason, { file: includer, line: Number(line), cause: error })
  }
  if ('babylonError' in error) {
    const broken = brokenCode(tree)
    const reason = broken?.reason ?? 'some `- code` is not JavaScript'
    return new TemplateError(reason, { file, ...broken, cause: error })
  }
  const { filename = file, line }: PugError = error
  const { excerpt, reason } = parts(error.message)
  return new TemplateError(reason, { file: filename, line, excerpt, cause: error })
}

/** @param vars what the template was given */
export function runError(error: unknown, vars: Vars): unknown {
  if (!(error instanceof Error)) return error
  const { path: file, message }: PugError = error
  if (file === undefined || !message.startsWith(`${file}:`)) return error
  const { line, excerpt, reason } = parts(message)
  // The cause should read as it was thrown.
  error.message = reason
  return new TemplateError(reason + hint(reason, vars, excerpt), {
    file,
    line,
    excerpt,
    cause: error,
  })
}

function parts(message: string): { line?: number; excerpt?: string; reason: string } {
  const end = message.indexOf('\n\n')
  if (end === -1) return { reason: message }
  const [place = '', ...excerpt] = message.slice(0, end).split('\n')
  const line = Number(/:(\d+)$/.exec(place)?.[1])
  return { line, excerpt: excerpt.join('\n'), reason: message.slice(end + 2) }
}

/**
 * Pug parses `- code` only when the whole template is put together, and then knows no line. So: the first
 * piece of code that is not JavaScript by itself, leaving out the halves of a block (`- if (x) {`).
 */
function brokenCode(tree: unknown): { file: string; line: number; reason: string } | undefined {
  const pieces: { val: string; block?: unknown; filename: string; line: number }[] = []
  JSON.stringify(tree, (_key, node) => {
    if (node?.type === 'Code' && !node.buffer) pieces.push(node)
    return node
  })
  for (const { val, block, filename, line } of pieces) {
    const code = val.trim()
    if (/^\}|\{$/.test(code)) continue
    try {
      // Compiled, never run.
      void new Script(`(function () { ${code}${block ? '{}' : ''}\n})`)
    } catch (error) {
      return { file: filename, line, reason: `${String(error)} in ${code}` }
    }
  }
  return undefined
}

/** For "Cannot read properties of undefined (reading 'name')": what was undefined, and what there was. */
function hint(reason: string, vars: Vars, excerpt = ''): string {
  const given = `the variables are ${Object.keys(vars).join(', ')}`
  if (reason.endsWith(' is not a function')) return `; ${given}`
  const [, nothing, name] =
    /of (undefined|null) \((?:reading|setting) '([\w$]+)'\)$/.exec(reason) ?? []
  const code = /^ {2}> \d+\| (.*)$/m.exec(excerpt)?.[1]
  if (name === undefined || code === undefined) return ''
  const owners = ownersOf(name, code)
  return owners.length === 0 ? '' : `: ${owners.join(' or ')} is ${nothing}; ${given}`
}

/** What a line asks for its member `name`: `row.author` in `p= row.author.name`. */
function ownersOf(name: string, code: string): readonly string[] {
  // Pug's `each` asks for a length that is not in the text.
  const each = /^\s*(?:each|for)\s.+?\s(?:in|of)\s+(.+?)\s*$/.exec(code)?.[1]
  if (name === 'length' && each !== undefined) return [each]
  const member = name.replaceAll('$', '\\$')
  const owners = code.matchAll(new RegExp(`([\\w$][\\w$.?[\\]'"]*?)\\.${member}(?![\\w$])`, 'g'))
  return [...new Set(Array.from(owners, ([, owner = '']) => owner))]
}
