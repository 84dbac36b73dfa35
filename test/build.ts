// The tests run what ships: they import each package's dist, so it is built before the first of them.
// A type error is printed but does not stop them: `npm test` has a step of its own for types.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export function setup(): void {
  const root = fileURLToPath(new URL('..', import.meta.url))
  const packages = ['core', 'db', 'render', 'manage'].map((name) => `packages/${name}`)
  spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-b', ...packages], {
    cwd: root,
    stdio: 'inherit',
  })
}
