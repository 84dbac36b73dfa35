import { describe, expect, test } from 'vitest'
import { compose, text } from '@robaccia/core'
import type { App, Middleware } from '@robaccia/core'
import { client } from '@robaccia/core/testing'

const hello: App = (environ, startResponse) => text(environ, startResponse, 'hello')

describe('compose', () => {
  test('puts the first middleware outermost', async () => {
    const order: string[] = []
    const noting =
      (name: string): Middleware =>
      (app) =>
      (environ, startResponse) => {
        order.push(name)
        return app(environ, startResponse)
      }
    await client(compose(noting('outer'), noting('inner'))(hello)).get('/')
    expect(order).toEqual(['outer', 'inner'])
  })

  test('of nothing gives the app itself', () => {
    expect(compose()(hello)).toBe(hello)
  })

  test('refuses what is no function, saying which', () => {
    // oxlint-disable-next-line typescript/no-explicit-any
    const wrong: any = undefined
    expect(() => compose((app) => app, wrong)).toThrow(
      'compose: argument 1 must be a middleware, got undefined',
    )
  })
})
