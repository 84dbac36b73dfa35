import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** What tsc says of a module. */
function compile(source: string): string {
  // In the tests' own folder, so that @robaccia/core is found.
  const folder = mkdtempSync(join(root, 'test/node_modules/.compile-'))
  try {
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
    writeFileSync(join(folder, 'urls.ts'), source)
    const flags = [
      '--ignoreConfig',
      '--noEmit',
      '--strict',
      '--module',
      'NodeNext',
      '--skipLibCheck',
      '--pretty',
      'false',
    ]
    const command = [join(root, 'node_modules/typescript/bin/tsc'), ...flags, 'urls.ts']
    return spawnSync(process.execPath, command, { cwd: folder, encoding: 'utf8' }).stdout
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const urls = (app: string) => `
import { empty, selector, type App, type Middleware } from '@robaccia/core'
const memberGet: App<{ id: string }> = (environ, startResponse) => empty(environ, startResponse)
const auth: Middleware = (app) => app
export const urls = selector().add('/blog/{slug}/', { GET: ${app} })
`

test.each(['memberGet', 'auth(memberGet)'])(
  'the compile error of a view in the wrong place names what is missing: %s',
  (app) => {
    const message = compile(urls(app))
    expect(message).toContain("Property 'id' is missing in type '{ slug: string; }'")
    expect(message).toContain(
      "Type 'App<{ id: string; }>' is not assignable to type 'App<{ slug: string; }>'",
    )
    expect(message.match(/error TS/g)).toHaveLength(1)
  },
)

test('the same module with the right variable compiles', () => {
  expect(compile(urls('auth(memberGet)').replace('{slug}', '{id}'))).toBe('')
})
