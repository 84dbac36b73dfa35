// Pages that are asked for again and again: a page of 2 KiB for each id.
export const PATH = '/pages/'

/** A page; `#` stands for an id. */
export function page(id: string): string {
  return `${id}: ${'All work and no play makes Jack a dull boy. '.repeat(46)}`
}
