// What the guide promises of the middleware that it writes; examples.test.ts runs them.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

const guide = readFileSync(new URL('../../docs/middleware.md', import.meta.url), 'utf8')

/** The lines between a middleware's comment and the next `// end`. */
function lines(name: string): string[] {
  const [, code = ''] = new RegExp(`// middleware: ${name}\\n([^]*?)// end\\n`).exec(guide) ?? []
  return code.trimEnd().split('\n')
}

describe('the guide to middleware', () => {
  test.each([
    ['adds a header', 'powered', 3],
    ['measures time', 'timed', 6],
    ['changes a body', 'shouted', 10],
  ])('%s in as many lines as it says', (_what, name, count) => {
    expect(lines(name)).toHaveLength(count)
    expect(lines(name).join('\n')).toContain(`const ${name}: Middleware = (app) =>`)
  })
})
