// The views: each is an app, and what the model gives goes to the template as it is.
import { query, redirect } from '@robaccia/core'
import type { App } from '@robaccia/core'
import { getOr404, page } from '@robaccia/db'
import { note } from './model.ts'
import { problems, readDraft } from './note-form.ts'
import { render } from './render.ts'

export const list: App = async (environ, startResponse) => {
  const after = query(environ).get('after')
  const newest = note.select().orderBy('created', 'desc')
  const { rows, next, previous } = await page(newest, { after, size: 20 })
  return render(environ, startResponse, 'list.html', { rows, next, previous })
}

export const create: App = async (environ, startResponse) => {
  const draft = await readDraft(environ)
  const errors = problems(draft)
  if (errors !== undefined) {
    return render(environ, startResponse, 'form.html', { draft, errors }, { status: 422 })
  }
  const { id } = await note.insert(draft)
  return redirect(environ, startResponse, `${environ.SCRIPT_NAME}/notes/${id}/`)
}

export const show: App<{ id: string }> = async (environ, startResponse) => {
  const { id } = environ['router.params']
  const row = await getOr404(note, { id: Number(id) })
  return render(environ, startResponse, 'note.html', { row })
}

export const remove: App<{ id: string }> = async (environ, startResponse) => {
  const { id } = environ['router.params']
  // One that is gone already is what was wanted, too.
  await note.delete().where({ id: Number(id) })
  return redirect(environ, startResponse, `${environ.SCRIPT_NAME}/`)
}

/** The page for every error: its words depend on `errors.error`. */
export const sorry: App = (environ, startResponse) =>
  render(environ, startResponse, 'error.html', { error: environ['errors.error'] })
