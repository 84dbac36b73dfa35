// Which view answers where.
import { files, selector } from '@robaccia/core'
import * as view from './view.ts'

export const urls = selector({ slash: 'redirect' })
  .add('/', { GET: view.list, POST: view.create })
  .add('/notes/{id:digits}/', { GET: view.show, DELETE: view.remove })
  .add('/static/{file:segment}', { GET: files(new URL('public/', import.meta.url)) })
