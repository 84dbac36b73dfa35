// The blog's commands: `pnpm --filter blog manage --help` lists them.
import { manage } from '@robaccia/manage'
import { db, migrations } from './dbconfig.js'
import { importPosts } from './import-posts.js'
import * as model from './model.js'
import { hostNames, secret } from './settings.js'
import { app, writer } from './site.js'
import { urls } from './urls.js'

await manage({
  app,
  urls,
  db,
  model,
  migrations,
  start: '/blog/',
  commands: { import: importPosts, password: writer.command },
  deploy: { hosts: hostNames, secrets: { SESSION_SECRET: secret } },
})
