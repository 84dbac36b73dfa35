// The views: each is an app, and what the model gives goes to the template as it is.
import { allow } from '@robaccia/auth'
import { query, redirect } from '@robaccia/core'
import type { App } from '@robaccia/core'
import { getOr404, page } from '@robaccia/db'
import { address } from './address.js'
import { problems, readDraft } from './entry-form.js'
import { addEntry, entry } from './model.js'
import { render } from './render.js'
import { slug } from './slug.js'

const pageLength = 10

/** The newest first; the id decides between entries of the same moment. */
const newest = () => entry.select().orderBy('published', 'desc').orderBy('id', 'desc')

export const list: App = async (environ, startResponse) => {
  const after = query(environ).get('after')
  const { rows, next, previous } = await page(newest(), { after, size: pageLength })
  return render(environ, startResponse, 'list.html', { rows, next, previous })
}

export const feed: App = async (environ, startResponse) => {
  const rows = await newest().limit(pageLength)
  return render(environ, startResponse, 'list.atom', { rows })
}

export const memberGet: App<{ id: string }> = async (environ, startResponse) => {
  const { id } = environ['router.params']
  const row = await getOr404(entry, { id })
  return render(environ, startResponse, 'entry.html', { row })
}

export const createForm: App = allow()((...request) => render(...request, 'form.html'))

export const create: App = allow()(async (environ, startResponse) => {
  const row = await readDraft(environ)
  const { title, author, content } = row
  const id = slug(row.id || title)
  let errors = problems(row)
  if (errors === undefined) {
    const isNew = await addEntry({ id, title, author, content })
    if (isNew) return redirect(environ, startResponse, address(environ, id))
    errors = { id: `The address “${id}” belongs to another entry: choose one of your own.` }
  }
  return render(environ, startResponse, 'form.html', { row, errors }, { status: 422 })
})

export const memberEditForm: App<{ id: string }> = allow()(async (environ, startResponse) => {
  const { id } = environ['router.params']
  const row = await getOr404(entry, { id })
  return render(environ, startResponse, 'form.html', { id, row })
})

/** Saves over the version that the writer saw and no other: who comes second is shown both texts. */
export const memberUpdate: App<{ id: string }> = allow()(async (environ, startResponse) => {
  const { id } = environ['router.params']
  const row = await readDraft(environ)
  const errors = problems(row)
  if (errors !== undefined) {
    return render(environ, startResponse, 'form.html', { id, row, errors }, { status: 422 })
  }
  const { title, author, content, version } = row
  const changed = { title, author, content, updated: new Date(), version: version + 1 }
  const saved = await entry.update(changed).where({ id, version })
  if (saved > 0) return redirect(environ, startResponse, address(environ, id))
  const theirs = await getOr404(entry, { id })
  return render(environ, startResponse, 'form.html', { id, row, theirs }, { status: 409 })
})

export const home: App = (environ, startResponse) =>
  redirect(environ, startResponse, address(environ))

/** The page for every error: its words depend on `errors.error`. */
export const sorry: App = (environ, startResponse) =>
  render(environ, startResponse, 'error.html', { error: environ['errors.error'] })
