// The app's commands: `npm run manage -- --help` lists them.
import { manage } from '@robaccia/manage'
import { db } from './dbconfig.ts'
import * as model from './model.ts'
import { hostNames, proxies } from './settings.ts'
import { app } from './site.ts'
import { urls } from './urls.ts'

await manage({
  app,
  urls,
  db,
  model,
  migrations: new URL('./migrations/', import.meta.url),
  deploy: { hosts: hostNames, proxied: proxies.length > 0 },
})
