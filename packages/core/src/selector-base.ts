// Where selectors were entered by a request: what `url()` puts in front. It is kept in the environ, so a
// selector may be mounted in several places, and asked from inside after the path was moved.
import type { Environ } from './contract.js'

/** A selector that this request entered, and where; the innermost first. */
export interface SelectorBase {
  readonly selector: object
  /** SCRIPT_NAME when it was entered. */
  readonly script: string
  readonly outer: SelectorBase | undefined
}

declare module './contract.js' {
  interface Environ {
    /** The selectors that this request entered. */
    'router.bases'?: SelectorBase
  }
}

/** Notes that a request enters a selector here. */
export function enter(environ: Environ, selector: object): void {
  const outer = environ['router.bases']
  environ['router.bases'] = { selector, script: environ.SCRIPT_NAME, outer }
}

/** Where the request entered a selector last; SCRIPT_NAME if it did not. */
export function baseOf(environ: Environ, selector: object): string {
  let base = environ['router.bases']
  while (base !== undefined && base.selector !== selector) base = base.outer
  return base?.script ?? environ.SCRIPT_NAME
}
