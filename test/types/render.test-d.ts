import { expectTypeOf, test } from 'vitest'
import type { App, Body, Environ } from '@robaccia/core'
import { renderer, type Render } from '@robaccia/render'

declare const render: Render

test('a view answers with what render gives, whatever its route variables', () => {
  const member: App<{ id: string }> = (environ, startResponse) =>
    render(environ, startResponse, 'entry.html', { id: environ['router.params'].id })
  expectTypeOf(member).returns.toEqualTypeOf<Body | Promise<Body>>()
})

test('locals are made from the environ, now or later', () => {
  const made = renderer({ dir: '.', locals: (environ) => ({ from: environ.REMOTE_ADDR }) })
  expectTypeOf(made).toEqualTypeOf<Render>()
  renderer({ dir: '.', locals: async (environ: Environ) => ({ environ }) })
  // @ts-expect-error: an object of names is wanted, not a text
  renderer({ dir: '.', locals: () => 'user' })
})

test('a misspelt option does not compile', () => {
  // @ts-expect-error: it is watch
  renderer({ dir: '.', wach: true })
  // @ts-expect-error: it is headers
  const view: App = (e, start) => render(e, start, 'a.html', {}, { header: [] })
  void view
})
