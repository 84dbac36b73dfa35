import { rmSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import type { App } from '@robaccia/core'
import { pug, renderer, type Engine } from '@robaccia/render'
import { describe, expect, test } from 'vitest'
import { failure, folder, get, view, write } from './folder.js'

/** Pug, counting what it compiles. */
function counted(): { engine: Engine; count: () => number } {
  let compiled = 0
  const compile: Engine['compile'] = (source) => {
    compiled++
    return pug.compile(source)
  }
  return { engine: { ...pug, compile }, count: () => compiled }
}

describe('a template', () => {
  test('is compiled once, also when several ask for it at once', async () => {
    const { engine, count } = counted()
    const a = view({ 'a.html.pug': 'p' }, 'a.html', {}, { engine })
    await Promise.all([get(a), get(a), get(a)])
    await get(a)
    expect(count()).toBe(1)
  })

  test('stays as it was compiled when its file changes', async () => {
    const dir = folder({ 'a.html.pug': 'p one' })
    const render = renderer({ dir })
    const a: App = (e, start) => render(e, start, 'a.html')
    await get(a)
    write(dir, 'a.html.pug', 'p two')
    expect((await get(a)).text).toBe('<p>one</p>')
  })

  test('is read anew in development', async () => {
    const dir = folder({ 'a.html.pug': 'p one' })
    const render = renderer({ dir })
    const a: App = (e, start) => render(e, start, 'a.html')
    const app: App = (e, start) => a({ ...e, 'robaccia.development': true }, start)
    await get(app)
    write(dir, 'a.html.pug', 'p two')
    expect((await get(app)).text).toBe('<p>two</p>')
  })

  test('that did not compile is tried again', async () => {
    const dir = folder({ 'a.html.pug': 'p(' })
    const render = renderer({ dir })
    const a: App = (e, start) => render(e, start, 'a.html')
    await failure(a)
    write(dir, 'a.html.pug', 'p mended')
    expect((await get(a)).text).toBe('<p>mended</p>')
  })
})

describe('watch', () => {
  const files = {
    'a.html.pug': 'extends layout\nblock content\n  include part\n  include plain.txt',
    'layout.pug': 'main\n  block content',
    'part.pug': 'p one',
    'plain.txt': 'text',
  }

  test.each([
    ['a.html.pug', 'extends layout\nblock content\n  p new', '<main><p>new</p></main>'],
    ['layout.pug', 'body\n  block content', '<body><p>one</p>text</body>'],
    ['part.pug', 'p two', '<main><p>two</p>text</main>'],
    ['plain.txt', 'TEXT', '<main><p>one</p>TEXT</main>'],
  ])('an edit of %s shows at the next request', async (name, text, expected) => {
    const dir = folder(files)
    const render = renderer({ dir, watch: true })
    const a: App = (e, start) => render(e, start, 'a.html')
    expect((await get(a)).text).toBe('<main><p>one</p>text</main>')
    write(dir, name, text)
    expect((await get(a)).text).toBe(expected)
  })

  test('an edit shows that changes neither the time nor the size of the file', async () => {
    const dir = folder(files)
    const render = renderer({ dir, watch: true })
    const a: App = (e, start) => render(e, start, 'a.html')
    await get(a)
    const { atime, mtime } = statSync(join(dir, 'part.pug'))
    write(dir, 'part.pug', 'p two')
    utimesSync(join(dir, 'part.pug'), atime, mtime)
    expect((await get(a)).text).toBe('<main><p>two</p>text</main>')
  })

  test('a template that nobody edited is not compiled again', async () => {
    const { engine, count } = counted()
    const a = view(files, 'a.html', {}, { watch: true, engine })
    await get(a)
    await get(a)
    expect(count()).toBe(1)
  })

  test('a part that went away is an error until it is back', async () => {
    const dir = folder(files)
    const render = renderer({ dir, watch: true })
    const a: App = (e, start) => render(e, start, 'a.html')
    await get(a)
    rmSync(join(dir, 'part.pug'))
    expect((await failure(a)).message).toContain('part.pug: no such template')
    write(dir, 'part.pug', 'p back')
    expect((await get(a)).text).toBe('<main><p>back</p>text</main>')
  })

  test('a mistake is an error until it is mended', async () => {
    const dir = folder(files)
    const render = renderer({ dir, watch: true })
    const a: App = (e, start) => render(e, start, 'a.html')
    await get(a)
    write(dir, 'part.pug', 'p(')
    expect((await failure(a)).file).toBe(join(dir, 'part.pug'))
    expect((await failure(a)).line).toBe(1)
    write(dir, 'part.pug', 'p mended')
    expect((await get(a)).text).toBe('<main><p>mended</p>text</main>')
  })
})
