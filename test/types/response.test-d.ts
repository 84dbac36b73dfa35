import { expectTypeOf, test } from 'vitest'
import { errors, files, notFound, readJson, text } from '@robaccia/core'
import type { App, Environ, ErrorNote } from '@robaccia/core'

test('a bare status and a folder are apps wherever there are route variables', () => {
  expectTypeOf(notFound).toExtend<App<{ id: string }>>()
  expectTypeOf(files).returns.toExtend<App<{ id: string }>>()
})

test('a response takes the environ of an app that needs route variables', () => {
  const memberGet: App<{ id: string }> = (environ, startResponse) =>
    environ['router.params'].id === ''
      ? notFound(environ, startResponse)
      : text(environ, startResponse, 'x')
  expectTypeOf(errors()(memberGet)).toEqualTypeOf<App<{ id: string }>>()
})

test('a page of an error sees the error', () => {
  expectTypeOf<Environ['errors.error']>().toEqualTypeOf<ErrorNote | undefined>()
})

test('what a client sends as JSON has no type', () => {
  expectTypeOf(readJson).returns.resolves.toBeUnknown()
})

test('a key of error pages is a status or default', () => {
  // @ts-expect-error: 'notFound' is no status
  errors({ notFound })
})
