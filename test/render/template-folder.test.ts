import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { renderer } from '@robaccia/render'
import { describe, expect, test } from 'vitest'
import { failure, folder, get, view, write } from './folder.js'

describe('the template folder', () => {
  test('is where a leading / begins in include and extends', async () => {
    const { text } = await get(
      view(
        {
          'blog/a.html.pug': 'extends /layout\nblock b\n  include /blog/b',
          'layout.pug': 'block b',
          'blog/b.pug': 'b',
        },
        'blog/a.html',
      ),
    )
    expect(text).toBe('<b></b>')
  })

  test.each([
    'include ../out',
    'extends ../out',
    'include ../out.txt',
    'include ../templates-old/a',
    'include /../out',
  ])('%s does not leave it', async (line) => {
    const dir = folder({ 'out.pug': 'p', 'out.txt': '', 'templates-old/a.pug': 'p' })
    mkdirSync(join(dir, 'templates'))
    write(dir, 'templates/a.html.pug', line)
    const render = renderer({ dir: join(dir, 'templates') })
    const error = await failure((e, start) => render(e, start, 'a.html'))
    expect(error.message).toContain(`a template must be inside ${join(dir, 'templates')}`)
    expect(error.message).toContain(`a.html.pug:1: ${dir}/`)
  })

  test('may have symbolic links, which are followed', async () => {
    const dir = folder({ 'out/a.html.pug': 'p linked', 'templates/b.html.pug': 'p' })
    symlinkSync(join(dir, 'out/a.html.pug'), join(dir, 'templates/a.html.pug'))
    const render = renderer({ dir: join(dir, 'templates') })
    expect((await get((e, start) => render(e, start, 'a.html'))).text).toBe('<p>linked</p>')
  })
})
