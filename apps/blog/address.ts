// Where the blog's pages are, wherever the blog is mounted.
import type { Environ } from '@robaccia/core'

/** The path of the list, or of the entry with an id. */
export function address(environ: Environ, id?: string): string {
  const list = `${environ.SCRIPT_NAME}/blog/`
  return id === undefined ? list : `${list}${encodeURIComponent(id)}/`
}
