import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const tsc = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url))

// What TypeScript merges depends on the order in which it meets the files.
test.each([['own.ts reader.ts'], ['reader.ts own.ts']])(
  'keys of core and a user’s own stand beside each other in %s',
  (files) => {
    const options = '--noEmit --strict --module nodenext --target es2023 --types node'.split(' ')
    const { stdout, status } = spawnSync(
      process.execPath,
      [tsc, '--ignoreConfig', ...options, ...files.split(' ')],
      { cwd: new URL('keys/', import.meta.url), encoding: 'utf8' },
    )
    expect(stdout).toBe('')
    expect(status).toBe(0)
  },
)
