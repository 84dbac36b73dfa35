// The path expression that a request was dispatched to, for logs and metrics: `/blog|` and then, further
// in, `/{id}/` make `/blog/{id}/`.
import type { Environ } from './contract.js'

/** Notes an expression: below the outer one if that is open (it ends in `|`), else instead of it. */
export function noteRoute(environ: Environ, expression: string): void {
  const notes = environ['robaccia.notes']
  const outer = notes.route?.endsWith('|') === true ? notes.route.replace(/\/?\|$/, '') : ''
  notes.route = outer + expression
}
