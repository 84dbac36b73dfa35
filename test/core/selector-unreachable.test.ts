import { describe, expect, test } from 'vitest'
import { empty, selector } from '@robaccia/core'
import type { App } from '@robaccia/core'

const app: App = (environ, startResponse) => empty(environ, startResponse)

/** Routes as `METHOD expression`, in order; the unreachable ones with what is in their way. */
function unreachable(routes: readonly string[]): readonly string[] {
  const urls = selector({ types: { year: /\d{4}/, lang: 'en|deu' } })
  for (const route of routes) {
    const [methods = '', expression = ''] = route.split(' ')
    urls.add(expression, Object.fromEntries(methods.split(',').map((method) => [method, app])))
  }
  return urls
    .unreachable()
    .map(({ route, method, by }) => `${method} ${route.expression} by ${by.expression}`)
}

describe('selector.unreachable', () => {
  test.each([
    [['GET /a', 'GET /a'], ['GET /a by /a']],
    [['GET /{x}', 'GET /new'], ['GET /new by /{x}']],
    [['GET /{x}', 'GET,POST /new'], ['GET /new by /{x}']],
    [['GET /{x}', 'HEAD /new'], ['HEAD /new by /{x}']],
    [
      ['* /{x}', 'GET,PURGE /new'],
      ['GET /new by /{x}', 'PURGE /new by /{x}'],
    ],
    [['GET /{x}', 'GET /{y:digits}'], ['GET /{y:digits} by /{x}']],
    [['GET /{x:any}', 'GET /a/{y}[/{z}]'], ['GET /a/{y}[/{z}] by /{x:any}']],
    [['* /blog|', 'GET /blog/{id}'], ['GET /blog/{id} by /blog|']],
    [['GET /{x:year}', 'GET /{y:year}'], ['GET /{y:year} by /{x:year}']],
    [['GET /{x}', 'GET /{y:year}'], []],
    [['GET /{x:segment}', 'GET /{y:lang}'], ['GET /{y:lang} by /{x:segment}']],
    [
      ['GET /a[/b]', 'GET /a', 'GET /a/b'],
      ['GET /a by /a[/b]', 'GET /a/b by /a[/b]'],
    ],
    [['GET /a', 'GET /a/b', 'GET /a[/b]'], ['GET /a[/b] by /a/b']],
  ])('finds what earlier routes take: %j → %j', (routes, expected) => {
    expect(unreachable(routes)).toEqual(expected)
  })

  test.each([
    [['GET /blog/', 'GET /blog/{id}/', 'GET /blog/;create_form', 'GET /blog/{id}/;edit_form']],
    [['GET /a', 'POST /a']],
    [['HEAD /a', 'GET /a']],
    [['GET /a', '* /a']],
    [['GET /new', 'GET /{x}']],
    [
      [
        'GET /{x:digits}',
        'GET /{x:alpha}',
        'GET /{x:word}',
        'GET /{x}',
        'GET /{x:segment}',
        'GET /{x:any}',
      ],
    ],
    [['GET /{x:digits}', 'GET /{x:number}']],
    [['GET /{x:year}', 'GET /{x:digits}']],
    [['GET /{x:alpha}', 'GET /{x:lang}/b']],
    [['GET /en', 'GET /{x:lang}']],
    [['GET /{a:digits}/{b}', 'GET /{a}/{b:digits}', 'GET /{a}/{b}']],
    [['GET /a[/b]', 'GET /a[/b][/c]']],
    [['GET /blog/{id}', 'GET /blog|']],
    [['GET /{a}-{b}', 'GET /{a}']],
    [['GET /people/{id}', 'GET /people/[{id}][;{noun}]']],
  ])('says nothing of an ordinary table: %j', (routes) => {
    expect(unreachable(routes)).toEqual([])
  })
})
