// What a template engine is to the renderer: one function that compiles a file, and its files' ending.
// `pug.ts` is the default one; another is some lines of glue (the README has Eta's).

/** What a template is given: names and values. */
export type Vars = Readonly<Record<string, unknown>>

/** A compiled template: text from variables, as often as it is called. */
export type Template = (vars: Vars) => string | Promise<string>

/** The file that is to be compiled. */
export interface TemplateSource {
  /** Absolute path of the file. */
  readonly file: string
  /** Absolute path of the template folder: what a leading `/` means in an include. */
  readonly dir: string
  /**
   * The text of a file, the template's own or one that it includes or extends. The path is absolute
   * or relative to `dir`. An engine reads through this and nothing else: it is how the renderer keeps
   * a template inside its folder, and how it knows which edits to watch for.
   *
   * @throws TemplateError when the file is not inside `dir`, or cannot be read
   */
  readonly read: (path: string) => string
}

/**
 * A template engine. Whatever it throws reaches the caller as a TemplateError, with it as the cause; an
 * engine that knows the line throws a TemplateError itself.
 */
export interface Engine {
  /** The ending that its files have after the name's own: `.pug`. */
  readonly extension: string
  compile(source: TemplateSource): Template
}
