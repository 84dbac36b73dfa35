// Robaccia, on the server that the first option names, with the database that the second does.
import { selector, type App } from '@robaccia/core'
import { database, datetime, getOr404, integer, now, page, string, text } from '@robaccia/db'
import { renderer } from '@robaccia/render'
import { options } from './process.js'
import { serving } from './serving.js'
import { PAGE_SIZE, TEMPLATES } from './pages.js'

const db = database(options[1] ?? '')
const entry = db.table('entry', {
  id: string(100).primary(),
  title: string(200),
  author: string(100).default(''),
  content: text(),
  published: datetime().default(now()).index(),
  updated: datetime().default(now()),
  version: integer().default(1),
})
const render = renderer({ dir: TEMPLATES })

const list: App = async (environ, startResponse) => {
  const newest = entry.select().orderBy('published', 'desc').orderBy('id', 'desc')
  const { rows, next } = await page(newest, { size: PAGE_SIZE })
  return render(environ, startResponse, 'list.html', { rows, next })
}

const member: App<{ id: string }> = async (environ, startResponse) => {
  const { id } = environ['router.params']
  const row = await getOr404(entry, { id })
  return render(environ, startResponse, 'entry.html', { row })
}

const urls = selector().add('/blog/', { GET: list }).add('/blog/{id:segment}/', { GET: member })
await serving(urls)
