import { basic, bearer, sessionOf, type User } from '@robaccia/auth'
import type { App, Environ } from '@robaccia/core'
import { expectTypeOf, test } from 'vitest'

declare module '@robaccia/auth' {
  interface SessionData {
    typed?: { count: number }
  }
}

declare const environ: Environ

test('the user is typed, and may be missing', () => {
  expectTypeOf(environ['auth.user']).toEqualTypeOf<User | undefined>()
})

test('a session has the keys that were declared, and their values', () => {
  const session = sessionOf(environ)
  expectTypeOf(session.get('typed')).toEqualTypeOf<{ count: number } | undefined>()
  session.set('typed', { count: 1 })
  // @ts-expect-error -- another type
  session.set('typed', 'one')
  // @ts-expect-error -- nobody has declared it
  session.set('misspelt', 1)
})

test('a middleware keeps the variables of the app that it guards', () => {
  const guard = basic({ realm: 'staff', verify: (name) => ({ name }) })
  const app: App<{ id: string }> = () => []
  expectTypeOf(guard(app)).toEqualTypeOf<App<{ id: string }>>()
  // @ts-expect-error -- a user has a name
  bearer({ verify: () => ({}) })
})
