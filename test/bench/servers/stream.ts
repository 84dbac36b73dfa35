// Robaccia, streaming.
import type { App } from '@robaccia/core'
import { serving } from './serving.js'
import { size, source } from './source.js'

const download: App = (_environ, startResponse) => {
  startResponse(200, [
    ['content-type', 'application/octet-stream'],
    ['content-length', String(size)],
  ])
  return source()
}
await serving(download)
