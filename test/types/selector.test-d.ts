import { expectTypeOf, test } from 'vitest'
import { empty, selector } from '@robaccia/core'
import type { App, Middleware, PathParams } from '@robaccia/core'

const viewOfId: App<{ id: string }> = (environ, startResponse) => empty(environ, startResponse)
const home: App = (environ, startResponse) => empty(environ, startResponse)
const auth: Middleware = (app) => app

test('an expression gives its variables', () => {
  expectTypeOf<PathParams<'/blog/{id}/'>>().toEqualTypeOf<{ id: string }>()
  expectTypeOf<PathParams<'/{y:digits}/{m:digits}|'>>().toEqualTypeOf<{ y: string; m: string }>()
  expectTypeOf<PathParams<'/{}/{id}/{:any}'>>().toEqualTypeOf<{
    0: string
    id: string
    1: string
  }>()
})

test('variables in optional groups are optional', () => {
  expectTypeOf<PathParams<'/people/[{id}][;{noun}]'>>().toEqualTypeOf<{
    id?: string
    noun?: string
  }>()
  expectTypeOf<PathParams<'/{y}[/{m}[/{d}]]/{x}'>>().toEqualTypeOf<{
    y: string
    m?: string
    d?: string
    x: string
  }>()
  expectTypeOf<PathParams<'/[[a]{}]{}'>>().toEqualTypeOf<{ 0?: string; 1: string }>()
})

test('an expression that is not literal gives what may be there', () => {
  expectTypeOf<PathParams<string>>().toEqualTypeOf<Record<string, string | undefined>>()
})

test('a view runs where its variables are', () => {
  selector()
    .add('/blog/{id}/', { GET: viewOfId, POST: auth(viewOfId), '*': home })
    .add('/blog/{id}/{more}', { GET: viewOfId })
    .add('/blog/', { GET: home, PURGE: auth(home) })
    .add('/inline/{slug}[/{x}]', {
      GET: (environ, startResponse) => {
        expectTypeOf(environ['router.params']).toEqualTypeOf<{ slug: string; x?: string }>()
        return empty(environ, startResponse)
      },
    })
})

test('a view does not run where its variables are not', () => {
  const urls = selector()
  // @ts-expect-error: { slug } and not { id }
  urls.add('/blog/{slug}/', { GET: viewOfId })
  // @ts-expect-error: also in a middleware
  urls.add('/blog/{slug}/', { GET: auth(viewOfId) })
  // @ts-expect-error: also in two
  urls.add('/blog/{slug}/', { GET: auth(auth(viewOfId)) })
  // @ts-expect-error: no variables
  urls.add('/blog/', { GET: auth(viewOfId) })
  // @ts-expect-error: it may be missing
  urls.add('/blog/[{id}/]', { GET: viewOfId })
  // @ts-expect-error: the second app
  urls.add('/blog/{slug}/', { GET: home, POST: viewOfId })
  const computed: string = ['/blog', '{id}'].join('/')
  // @ts-expect-error: nobody knows what is there
  urls.add(computed, { GET: viewOfId })
})

test('methods are upper-case', () => {
  // @ts-expect-error: methods are case-sensitive
  selector().add('/', { get: home })
})

test('a selector below an open end knows the outer variables', () => {
  const inner = selector<{ lang: string }>().add('/{id}', {
    GET: (environ, startResponse) => {
      expectTypeOf(environ['router.params']).toEqualTypeOf<{ lang: string; id: string }>()
      return empty(environ, startResponse)
    },
  })
  selector().add('/{lang}|', { '*': inner })
  // @ts-expect-error: no lang
  selector().add('/blog|', { '*': inner })
})

test('a selector is an app', () => {
  expectTypeOf(selector()).toExtend<App>()
  expectTypeOf(auth(selector())).toEqualTypeOf<App>()
})
