// Robaccia's cache in memory, in front of an app that makes the pages.
import { cache, cached } from '@robaccia/cache'
import { selector, text } from '@robaccia/core'
import { page, PATH } from './hits.js'
import { serving } from './serving.js'

const urls = selector().add(`${PATH}{id}`, {
  GET: (environ, startResponse) => text(environ, startResponse, page(environ['router.params'].id)),
})
await serving(cache()(cached(86_400)(urls)))
