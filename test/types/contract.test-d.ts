import { expectTypeOf, test } from 'vitest'
import type { App, Middleware } from '@robaccia/core'

declare module '@robaccia/core' {
  interface Environ {
    'spec.colour'?: string
  }
  interface Notes {
    colour?: string
  }
}

const memberGet: App<{ id: string }> = (environ) => [environ['router.params'].id]
const home: App = (environ) => [
  environ['spec.colour'] ?? '',
  environ['robaccia.notes'].colour ?? '',
]
const auth: Middleware = (app) => app

test('a middleware keeps the variables that the inner app needs', () => {
  expectTypeOf(auth(memberGet)).toEqualTypeOf<App<{ id: string }>>()
})

test('an app that needs no variables runs where there are some', () => {
  expectTypeOf(home).toExtend<App<{ slug: string }>>()
})

test('an app does not run where its variables are missing', () => {
  expectTypeOf(memberGet).not.toExtend<App<{ slug: string }>>()
  // @ts-expect-error: a route variable that was not declared
  const none: App = (environ) => [environ['router.params'].id]
  void none
})

test('a bare string is not a body', () => {
  // @ts-expect-error: an array or an async iterable
  const bare: App = () => 'hello'
  void bare
})
