// The templates of a folder: found by name, never outside the folder, compiled once.
import { readdirSync, readFileSync } from 'node:fs'
import { extname, isAbsolute, relative, resolve, sep } from 'node:path'
import { lookup } from 'mime-types'
import type { Engine, Template } from './engine.js'
import { TemplateError } from './template-error.js'

/** A template that is ready to run. */
interface Compiled {
  readonly file: string
  readonly contentType: string
  readonly run: Template
  /** The text of every file that went into it. */
  readonly sources: ReadonlyMap<string, string>
}

/**
 * @returns finds a template by its name, which is compiled when it is asked for the first time and, if the caller
 * watches, when it was edited since
 */
export function templates(dir: string, engine: Engine): (name: string, watch: boolean) => Compiled {
  const known = new Map<string, Compiled>()
  return (name, watch) => {
    const before = known.get(name)
    if (before !== undefined && !(watch && hasChanged(before.sources))) return before
    // What throws is not kept: the next request tries again.
    const compiled = compileNamed(name, dir, engine)
    known.set(name, compiled)
    return compiled
  }
}

/**
 * Compared by content and not by time and size: two edits in one tick of the file system's clock differ
 * too, and nothing can slip in between a look at the clock and a read.
 */
function hasChanged(sources: ReadonlyMap<string, string>): boolean {
  for (const [path, text] of sources) {
    try {
      if (readFileSync(path, 'utf8') !== text) return true
    } catch {
      return true
    }
  }
  return false
}

function compileNamed(name: string, dir: string, engine: Engine): Compiled {
  const contentType = typeOf(name, engine.extension)
  const file = resolve(dir, name + engine.extension)
  const sources = new Map<string, string>()
  const read = (path: string): string => {
    const absolute = resolve(dir, path)
    const text = readInside(dir, absolute)
    sources.set(absolute, text)
    return text
  }
  try {
    return { file, contentType, run: engine.compile({ file, dir, read }), sources }
  } catch (error) {
    throw asTemplateError(error, file)
  }
}

/** What was thrown, as a TemplateError. */
export function asTemplateError(error: unknown, file: string): TemplateError {
  if (error instanceof TemplateError) return error
  const reason = error instanceof Error ? error.message : String(error)
  return new TemplateError(reason, { file, cause: error })
}

/** The content type that a template's name says. What a template makes is text, sent as UTF-8. */
function typeOf(name: string, extension: string): string {
  const got = `got ${JSON.stringify(name)}`
  if (/[\\\0]/.test(name) || name.split('/').some((part) => ['', '.', '..'].includes(part))) {
    throw new TypeError(
      `a template's name must be a path inside the template folder such as list.html, ${got}`,
    )
  }
  const ending = extname(name)
  const type = ending === '' ? false : lookup(ending)
  if (type === false) {
    throw new TypeError(
      `a template's name must end in an extension that says its content type, ` +
        `such as .html for list.html${extension}, ${got}`,
    )
  }
  return `${type}; charset=utf-8`
}

/** Reads a file of the folder. Symbolic links are followed: who may make them may write templates. */
function readInside(dir: string, file: string): string {
  const inside = relative(dir, file)
  if (inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside)) {
    throw new TemplateError(`a template must be inside ${dir}`, { file })
  }
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
    throw new TemplateError(`no such template; there is ${nearest(dir, inside)}`, {
      file,
      cause: error,
    })
  }
}

/** The files of the folder that begin most like the one that was looked for. */
function nearest(dir: string, wanted: string, limit = 10): string {
  const alike = (name: string): number => {
    let length = 0
    while (length < name.length && name[length] === wanted[length]) length++
    return length
  }
  const names = readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((name) => extname(name) !== '')
    .toSorted((a, b) => alike(b) - alike(a) || (a < b ? -1 : 1))
  if (names.length === 0) return 'none'
  const more = names.length > limit ? ` and ${names.length - limit} more` : ''
  return `${names.slice(0, limit).join(', ')}${more}`
}
