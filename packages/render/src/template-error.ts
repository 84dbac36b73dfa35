// The one error of a template: it is missing, does not compile, or fails while it runs.

/** Where a template failed, as far as it is known. */
interface TemplatePlace {
  readonly file: string
  /** From 1. */
  readonly line?: number | undefined
  /** The lines around it, for people. */
  readonly excerpt?: string | undefined
  readonly cause?: unknown
}

/** A template that cannot be found, read, compiled or run. `cause` is what was thrown, if anything was. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError'
  /** Absolute path of the file that is to blame: the template, or one that it includes or extends. */
  readonly file: string
  /** The line in that file, from 1, where the engine knows it. */
  readonly line: number | undefined

  constructor(reason: string, place: TemplatePlace) {
    const where = place.line === undefined ? place.file : `${place.file}:${place.line}`
    const excerpt = place.excerpt ? `\n${place.excerpt}` : ''
    super(
      `${where}: ${reason}${excerpt}`,
      place.cause === undefined ? undefined : { cause: place.cause },
    )
    this.file = place.file
    this.line = place.line
  }
}
