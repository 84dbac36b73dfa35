// The application that the tests of commands manage: two tables and three routes.
import { selector, text } from '@robaccia/core'
import type { App } from '@robaccia/core'
import { database, string } from '@robaccia/db'
import type { Command, Site } from '@robaccia/manage'
import { urlOfTest } from '../db/here.js'

export function site(commands: Readonly<Record<string, Command>> = {}) {
  const db = database(urlOfTest())
  const entry = db.table('entry', {
    id: string(100).primary(),
    title: string(100),
    updated: string(20).index(),
  })
  const people = db.table('person', { id: string(100).primary() })
  const list: App = (environ, startResponse) => text(environ, startResponse, 'list')
  const member: App<{ id: string }> = (environ, startResponse) =>
    text(environ, startResponse, environ['router.params'].id)
  const urls = selector()
    .add('/blog/', { GET: list, POST: (environ, start) => list(environ, start) }, 'list')
    .add('/blog/{id}/', { GET: member })
  return {
    app: urls,
    urls,
    db,
    model: { db, entry, people },
    start: '/blog/',
    commands,
  } satisfies Site
}
