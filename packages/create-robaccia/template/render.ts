// The templates, and the words that all of them know.
import { renderer } from '@robaccia/render'

export const render = renderer({
  dir: new URL('templates/', import.meta.url),
  locals: (environ) => ({ root: environ.SCRIPT_NAME, day }),
})

/** A day in words. */
function day(date: Date): string {
  return date.toLocaleDateString('en-GB', { dateStyle: 'long', timeZone: 'UTC' })
}
