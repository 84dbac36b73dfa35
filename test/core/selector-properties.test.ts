import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { selector, text } from '@robaccia/core'
import type { App } from '@robaccia/core'
import { client } from '@robaccia/core/testing'
import { show } from './show.js'

const types = { year: /\d{4}/, tag: '[a-z+#;]+' }

// Values of each type. Those that the type accepts but a path can't carry ('..') are refused by url().
const values: Record<string, fc.Arbitrary<string>> = {
  word: fc.stringMatching(/^\w+$/),
  alpha: fc.stringMatching(/^[a-zA-Z]+$/),
  digits: fc.stringMatching(/^\d+$/),
  number: fc.stringMatching(/^\d{0,9}\.?\d{1,9}$/),
  chunk: fc
    .string({ unit: 'grapheme', minLength: 1 })
    .map((value) => value.replaceAll(/[/.]/g, '-')),
  segment: fc.string({ unit: 'binary', minLength: 1 }),
  any: fc.string({ unit: 'binary', minLength: 1 }),
  year: fc.stringMatching(/^\d{4}$/),
  tag: fc.stringMatching(/^[a-z+#;]+$/),
}

const literal = fc
  .stringMatching(/^[a-z0-9é;,.%-]{1,6}$/)
  .map((piece) => piece.replaceAll('%', '%3B'))
const variable = fc.constantFrom('', ...Object.keys(values).map((type) => `:${type}`))

interface Part {
  readonly before: string
  readonly type: string
  readonly after: string
  /** A group of its own, or one that the rest of the expression is in. */
  readonly group: 'none' | 'closed' | 'nested'
}

const someParts: fc.Arbitrary<readonly Part[]> = fc.array(
  fc.record<Part>({
    before: fc.oneof({ weight: 3, arbitrary: literal }, fc.constant('')),
    type: variable,
    after: fc.oneof(
      fc.constantFrom('/', ''),
      literal,
      literal.map((piece) => `${piece}/`),
    ),
    group: fc.constantFrom('none', 'none', 'closed', 'nested'),
  }),
  { maxLength: 4 },
)

function expressionOf([part, ...rest]: readonly Part[], name: string, index = 0): string {
  if (part === undefined) return ''
  const own = `${part.before}{${name && `${name}${index}`}${part.type}}${part.after}`
  const others = expressionOf(rest, name, index + 1)
  if (part.group === 'nested') return `[${own}${others}]`
  return part.group === 'closed' ? `[${own}]${others}` : own + others
}

function valueOf({ type, group }: Part): fc.Arbitrary<string | null> {
  const value = values[type.slice(1) || 'chunk'] ?? fc.constant('x')
  return group === 'none' ? value : fc.option(value)
}

/** What is in a group that is left out is left out with it. */
function paramsOf(
  row: readonly (string | null)[],
  used: readonly Part[],
  name: string,
): Record<string, string> {
  const end = row.findIndex((value, index) => value === null && used[index]?.group === 'nested')
  return Object.fromEntries(
    row
      .slice(0, end === -1 ? row.length : end)
      .flatMap((value, index) => (value === null ? [] : [[`${name}${index}`, value]])),
  )
}

/** Expressions of up to four variables, all named or all numbered, and values for some of them. */
const generated = fc
  .record({ used: someParts, name: fc.constantFrom('v', ''), end: fc.constantFrom('', '', '|') })
  .chain(({ used, name, end }) =>
    fc.record({
      expression: fc.constant(`/${expressionOf(used, name)}${end}`),
      params: fc.tuple(...used.map(valueOf)).map((row) => paramsOf(row, used, name)),
    }),
  )

describe('a path expression', () => {
  test('gives back the values that url() put into a path', async () => {
    let written = 0
    await fc.assert(
      fc.asyncProperty(generated, async ({ expression, params }) => {
        const urls = selector({ types })
        try {
          urls.add(expression, { GET: show('view') }, 'route')
        } catch (error) {
          expect((error as Error).message).toContain('must keep variables apart')
          return
        }
        let path = ''
        const write: App = (environ, startResponse) => {
          path = urls.url(environ, 'route', params)
          return text(environ, startResponse, path)
        }
        const { error } = await client(write).get('/')
        if (error !== undefined) {
          expect(error).toBeInstanceOf(TypeError)
          return
        }
        written++
        expect(path).toMatch(/^\/(?!\/)[\w\-.~%/;,]*$/)
        const response = await client(urls).get(path)
        expect(response.json()).toMatchObject({ params })
      }),
      { numRuns: 500 },
    )
    // Most values can be written: what is refused is rare.
    expect(written).toBeGreaterThan(350)
  })

  const noise = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc
      .array(
        fc.constantFrom(...'/{}[]|:%?#a1.;', '{id}', '{:digits}', '[', ']', '/a', '%2F', '%zz'),
      )
      .map((parts) => parts.join('')),
  )

  test('is added, or refused by a TypeError that shows the place', () => {
    let added = 0
    fc.assert(
      fc.property(noise, (tail) => {
        const expression = `/${tail}`
        try {
          selector().add(expression, { GET: show('view') })
          added++
        } catch (error) {
          expect(error).toBeInstanceOf(TypeError)
          expect((error as Error).message).toMatch(
            /^path expression '[^]* must [^]* at column \d+\n/,
          )
        }
      }),
      { numRuns: 2000 },
    )
    expect(added).toBeGreaterThan(50)
  })

  test('is compared with any path: found or not, or 400', async () => {
    const urls = selector({ types, slash: 'redirect' })
      .add('/{a}[/{b:year}]/', { GET: show('a') })
      .add('/x/{c:tag}-{d}[;{e}]', { GET: show('c') })
      .add('/{f:segment}|', { POST: show('f') })
      .add('/a/{g:any}', { GET: show('g') })
    await fc.assert(
      fc.asyncProperty(noise, async (tail) => {
        // Inside of lint, which lets no such path in: servers differ in what they let through.
        const ask: App = (environ, startResponse) =>
          urls({ ...environ, PATH_INFO: `/${tail}` }, startResponse)
        const response = await client(ask).get('/')
        expect([200, 308, 400, 404, 405]).toContain(response.status)
        expect(response.header('location') ?? '/').toMatch(/^\/(?![/\\])/)
      }),
      { numRuns: 1000 },
    )
  })
})
