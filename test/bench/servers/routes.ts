// A table of as many routes as the second option says. The last of them is asked for.
import { selector, text, type App } from '@robaccia/core'
import { options } from './process.js'
import { serving } from './serving.js'

const show: App<{ id: string }> = (environ, startResponse) =>
  text(environ, startResponse, environ['router.params'].id)

const urls = selector()
for (let route = 1; route <= Number(options[1]); route++) {
  urls.add(`/section-${route}/{id}`, { GET: show })
}
await serving(urls)
