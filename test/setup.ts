// Runs once before the tests. They import each package's dist, so it is built: the tests run what ships. A
// type error is printed but does not stop them, since `npm test` has a step of its own for types. Then it
// looks for the services that are optional: what is missing is left out, with one line that says so and how
// to get it, but with CI=true it fails the run.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { TestProject } from 'vitest/node'
import type { Services } from './services.js'

declare module 'vitest' {
  interface ProvidedContext {
    /** What was found: the URL of a server, the path of a browser. */
    services: Services
    /** The database of the project that runs. */
    database: string
  }
}

export async function setup(project: TestProject): Promise<void> {
  build()
  // Only now, since they import a package.
  const { findServices } = await import('./services.js')
  project.provide('services', await findServices())
}

function build(): void {
  const packages = [
    'core',
    'cache',
    'db',
    'log',
    'auth',
    'render',
    'manage',
    'create-robaccia',
  ].map((name) => `packages/${name}`)
  spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-b', ...packages], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    stdio: 'inherit',
  })
}
