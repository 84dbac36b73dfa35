// A user's own keys, met before anything of core's subpaths is.
import type { Environ } from '@robaccia/core'

declare module '@robaccia/core' {
  interface Environ {
    'keys.own'?: string
  }
}

export const own = (environ: Environ): string | undefined => environ['keys.own']
