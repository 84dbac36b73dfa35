// An app that shows what it was given, for the tests of selector and mount.
import { json } from '@robaccia/core'
import type { App } from '@robaccia/core'

export interface Shown {
  readonly view: string
  readonly params: Readonly<Record<string, string>>
  readonly script: string
  readonly path: string
  readonly route: string | undefined
}

export function show(view: string): App {
  return (environ, startResponse) =>
    json(environ, startResponse, {
      view,
      params: environ['router.params'],
      script: environ.SCRIPT_NAME,
      path: environ.PATH_INFO,
      route: environ['robaccia.notes'].route,
    })
}
