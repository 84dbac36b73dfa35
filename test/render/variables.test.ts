import { describe, expect, test } from 'vitest'
import { failure, get, view } from './folder.js'

describe('variables', () => {
  test.each([
    'filename',
    'basedir',
    'cache',
    'self',
    'pretty',
    'compileDebug',
    'globals',
    'filters',
    'doctype',
    'plugins',
    'debug',
    'inlineRuntimeFunctions',
    'templateName',
    'template',
    'constructor',
    'toString',
    'arguments',
    '__proto__',
    'locals_for_with',
  ])('%s is a name like any other', async (name) => {
    // From JSON, as a request would bring it: there `__proto__` is a property like any other.
    const vars = JSON.parse(`{"${name}":"/etc/passwd"}`)
    const { text } = await get(view({ 'a.html.pug': `div\n  p= ${name}` }, 'a.html', vars))
    expect(text).toBe('<div><p>/etc/passwd</p></div>')
  })

  test.each(['pug', 'pug_html', 'pug_debug_line', 'pugs'])('%s is refused', async (name) => {
    const { message } = await failure(view({ 'a.html.pug': 'p' }, 'a.html', { [name]: 1 }))
    expect(message).toContain(
      `a.html.pug: a variable must not begin with pug, as Pug's own do, got ${name}`,
    )
  })

  test('locals is refused: it is Pug’s name for all variables', async () => {
    const { message } = await failure(view({ 'a.html.pug': 'p' }, 'a.html', { locals: {} }))
    expect(message).toContain("a variable must not be named locals, which is Pug's name")
  })

  test('a template sees no variable that it was not given', async () => {
    const { text } = await get(view({ 'a.html.pug': 'p= locals.constructor' }, 'a.html'))
    expect(text).toBe('<p></p>')
  })

  // oxlint-disable-next-line unicorn/no-thenable -- a query builder is one
  const query = { then: () => {} }
  test.each([
    ['a promise', Promise.resolve([])],
    ['a query', query],
  ])('%s that nobody awaited is refused, not shown as nothing', async (_what, rows) => {
    const { message } = await failure(view({ 'a.html.pug': 'p' }, 'a.html', { rows }))
    expect(message).toContain('the variable rows must be a value, got a promise or query: await it')
  })
})
