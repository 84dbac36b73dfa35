// The essay's word: the glue would be as small with other libraries. The same views run over Pug and over Eta.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { App } from '@robaccia/core'
import { renderer, TemplateError, type Engine, type Render } from '@robaccia/render'
import { Eta } from 'eta'
import { describe, expect, test } from 'vitest'
import { failure, folder, get, write } from './folder.js'

const eta: Engine = {
  extension: '.eta',
  compile({ file, dir, read }) {
    const engine = new Eta({ views: dir, cache: true })
    engine.readFile = read
    const template = engine.compile(read(file), { filepath: file })
    return (vars) => template.call(engine, vars, { filepath: file })
  },
}

const pugFiles = {
  'list.html.pug': `ul
  each row in rows
    li: a(href='./' + row.id + '/')= row.title
include part
`,
  'part.pug': 'p by #{user}\n',
  'entry.atom.pug': 'entry: title= row.title\n',
}

const etaFiles = {
  'list.html.eta': `<ul><% for (const row of it.rows) { %><li><a href="./<%= row.id %>/"><%= row.title %></a></li><% } %></ul><%~ include('./part', it) %>`,
  'part.eta': '<p>by <%= it.user %></p>',
  'entry.atom.eta': '<entry><title><%= it.row.title %></title></entry>',
}

const rows = [
  { id: 'first', title: 'Some <script> & "quotes"' },
  { id: 'second', title: 'Moving on' },
]

/** The essay's views, which know nothing of the engine. */
const views = (render: Render): Record<'list' | 'member', App> => ({
  list: (e, start) => render(e, start, 'list.html', { rows }),
  member: (e, start) => render(e, start, 'entry.atom', { row: rows[0] }, { status: 203 }),
})

const locals = () => ({ user: 'Ann' })

describe('Engine', () => {
  test('the same views give the same answers with Pug and with Eta', async () => {
    const withPug = views(renderer({ dir: folder(pugFiles), locals }))
    const withEta = views(renderer({ dir: folder(etaFiles), locals, engine: eta }))
    for (const name of ['list', 'member'] as const) {
      const { status, headers, text } = await get(withPug[name])
      expect(await get(withEta[name])).toMatchObject({ status, headers, text })
    }
    expect((await get(withEta.list)).text).toBe(
      '<ul><li><a href="./first/">Some &lt;script&gt; &amp; &quot;quotes&quot;</a></li>' +
        '<li><a href="./second/">Moving on</a></li></ul><p>by Ann</p>',
    )
    expect((await get(withEta.member)).headers).toEqual([
      ['content-type', 'application/atom+xml; charset=utf-8'],
    ])
  })

  test('what another engine reads is watched too', async () => {
    const dir = folder(etaFiles)
    const { list } = views(renderer({ dir, locals, engine: eta, watch: true }))
    const { text } = await get(list)
    write(dir, 'part.eta', '<p>edited</p>')
    expect((await get(list)).text).toBe(text.replace('<p>by Ann</p>', '<p>edited</p>'))
    write(dir, 'list.html.eta', 'edited')
    expect((await get(list)).text).toBe('edited')
  })

  test('what another engine throws is a TemplateError with it as the cause', async () => {
    const dir = folder({ 'list.html.eta': '<% if ( %>', 'entry.atom.eta': '<%= it.no.title %>' })
    const { list, member } = views(renderer({ dir, locals, engine: eta }))
    const broken = await failure(list)
    expect(broken.file).toBe(join(dir, 'list.html.eta'))
    expect(broken.cause).toMatchObject({ name: 'EtaParser Error' })
    const failed = await failure(member)
    expect(failed.cause).toBeInstanceOf(TypeError)
  })

  test('an engine that knows the line says it itself', async () => {
    const exact: Engine = {
      extension: '.txt',
      compile: ({ file }) => {
        throw new TemplateError('nothing here', { file, line: 7 })
      },
    }
    const render = renderer({ dir: folder(), engine: exact })
    const error = await failure((e, start) => render(e, start, 'a.html'))
    expect(error.message).toMatch(/a\.html\.txt:7: nothing here$/)
    expect(error.line).toBe(7)
  })

  test('another engine does not read outside the folder either', async () => {
    const dir = folder({ 'secret.eta': 'secret', 'templates/a.html.eta': '' })
    const outside: Engine = {
      extension: '.eta',
      compile: ({ read }) => {
        const text = read('../secret.eta')
        return () => text
      },
    }
    const render = renderer({ dir: join(dir, 'templates'), engine: outside })
    const error = await failure((e, start) => render(e, start, 'a.html'))
    expect(error.message).toContain('a template must be inside')
    expect(readFileSync(error.file, 'utf8')).toBe('secret')
  })

  test('a template may take its time', async () => {
    const slow: Engine = {
      extension: '.slow',
      compile: ({ file, read }) => {
        const text = read(file)
        return async (vars) => text + String(await vars['later'])
      },
    }
    const render = renderer({ dir: folder({ 'a.txt.slow': 'a' }), engine: slow })
    const later = Promise.resolve('b')
    expect((await get((e, start) => render(e, start, 'a.txt', { later }))).text).toBe('ab')
  })
})
