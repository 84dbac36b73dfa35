import { join } from 'node:path'
import { renderer, TemplateError } from '@robaccia/render'
import { describe, expect, test } from 'vitest'
import { failure, folder, view } from './folder.js'

/** How `a.html.pug` with this text fails. */
const failureOf = (text: string, vars = {}): Promise<TemplateError> =>
  failure(view({ 'a.html.pug': text, 'broken.pug': 'p\np(' }, 'a.html', vars))

describe('TemplateError', () => {
  test('a missing template names its file and what there is, the nearest first', async () => {
    const dir = folder({ 'a.html.pug': '', 'blog/list.html.pug': '', 'blog/entry.html.pug': '' })
    const render = renderer({ dir })
    const error = await failure((e, start) => render(e, start, 'blog/lst.html'))
    expect(error.message).toBe(
      `${dir}/blog/lst.html.pug: no such template; there is blog/list.html.pug, blog/entry.html.pug, a.html.pug`,
    )
    expect(error.file).toBe(join(dir, 'blog/lst.html.pug'))
    expect(error.cause).toMatchObject({ code: 'ENOENT' })
  })

  test('of many templates ten are named', async () => {
    const names = Array.from({ length: 13 }, (_, index) => `t${index}.html.pug`)
    const error = await failure(view(Object.fromEntries(names.map((name) => [name, ''])), 'a.html'))
    expect(error.message).toMatch(/there is (t\d+\.html\.pug, ){9}t\d+\.html\.pug and 3 more$/)
  })

  test('an empty folder has none', async () => {
    expect((await failure(view({}, 'a.html'))).message).toContain('there is none')
  })

  test('a missing include names the line that asks for it', async () => {
    const error = await failureOf('p\ninclude part')
    expect(error.line).toBe(2)
    expect(error.message).toMatch(
      /a\.html\.pug:2: .+part\.pug: no such template; there is a\.html\.pug, broken\.pug$/,
    )
  })

  test('a template that includes itself is named', async () => {
    const error = await failureOf('include a.html.pug')
    expect(error.message).toContain('a.html.pug: a template must not include or extend itself')
  })

  test.each([
    ['p\np(a=', 2, 'The end of the string reached with no closing bracket ) found.'],
    ['p\n\np= a b', 3, 'Syntax Error: Unexpected token'],
    ['p\n  :nonsense\n    text', 2, 'unknown filter ":nonsense"'],
    ['p\n- const x = (1\np', 2, 'in const x = (1'],
    ['if a\n  - const x = await a', 2, 'in const x = await a'],
    ['- if (a) {\n- foo(\n- }', 2, 'in foo('],
  ])('%j does not compile at line %i', async (text, line, reason) => {
    const error = await failureOf(text)
    expect(error.line).toBe(line)
    expect(error.file).toMatch(/a\.html\.pug$/)
    expect(error.message).toContain(`a.html.pug:${line}: `)
    expect(error.message).toContain(reason)
    expect(error.cause).toBeInstanceOf(Error)
  })

  test('a mistake in an include is that file’s', async () => {
    const error = await failureOf('p\ninclude broken')
    expect(error.file).toMatch(/broken\.pug$/)
    expect(error.line).toBe(2)
  })

  test.each([
    ['p\np= entry.title', 2, 'entry is undefined; the variables are json, row'],
    ['p= row.author.name', 1, 'row.author is undefined'],
    ['p(a=1\n  b=2)= row.author.name', 2, 'row.author is undefined'],
    ['p #{row.none.x} #{row.none.y}', 1, 'row.none is null'],
    ['ul\n  each entry in entries\n    li', 2, 'entries is undefined'],
    ['- row.author.name = 5', 1, 'row.author is undefined'],
    ['p= url("/")', 1, 'url is not a function; the variables are json, row'],
  ])('%j fails at line %i, and the variable is named', async (text, line, reason) => {
    const error = await failureOf(text, { row: { none: null } })
    expect(error.line).toBe(line)
    expect(error.message).toContain(`a.html.pug:${line}: `)
    expect(error.message).toContain(reason)
  })

  test('it shows the lines around', async () => {
    const error = await failureOf('p\np= entry.title\np')
    expect(error.message).toContain('\n    1| p\n  > 2| p= entry.title\n    3| p')
  })

  test('the cause is what was thrown, as it was thrown', async () => {
    const cause = new RangeError('too far')
    const error = await failureOf('p\np= far()', {
      far: () => {
        throw cause
      },
    })
    expect(error.cause).toBe(cause)
    expect(cause.message).toBe('too far')
    expect(error.line).toBe(2)
    expect(error.name).toBe('TemplateError')
  })

  test('what is thrown and is no Error is the cause too', async () => {
    const error = await failureOf('p= far()', {
      far: () => {
        throw 'far'
      },
    })
    expect(error.cause).toBe('far')
    expect(error.message).toMatch(/a\.html\.pug: far$/)
  })

  test('a template that returns something else than text is refused', async () => {
    expect((await failureOf('- return 5')).message).toContain(
      'a template must make a string, got number',
    )
  })
})
