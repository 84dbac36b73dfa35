// An application that the tests of `dev` copy, run and edit.
import { database } from '@robaccia/db'
import { manage } from '@robaccia/manage'
import { app, urls } from './site.js'

const db = database('sqlite::memory:')
await manage({ app, urls, db, model: {}, start: '/', deploy: { hosts: ['blog.example'] } })
