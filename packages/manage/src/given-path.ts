// Paths as somebody typed them.
import { resolve } from 'node:path'

/** A package manager runs a script in the package's folder; INIT_CWD is where it was called. */
export function givenPath(path: string): string {
  return resolve(process.env.INIT_CWD ?? '.', path)
}
