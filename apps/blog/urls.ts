// Which view answers where. An entry's id is a whole segment, for ids have dots.
import { files, selector } from '@robaccia/core'
import * as view from './view.js'

export const urls = selector({ slash: 'redirect' })
  .add('/', { GET: view.home })
  .add('/static/{file:segment}', { GET: files(new URL('public/', import.meta.url)) })
  .add('/blog/', { GET: view.list })
  .add('/blog/index.atom', { GET: view.feed })
  .add('/blog/;create_form', { GET: view.createForm, POST: view.create })
  .add('/blog/{id:segment}/', { GET: view.memberGet })
  .add('/blog/{id:segment}/;edit_form', { GET: view.memberEditForm, POST: view.memberUpdate })
