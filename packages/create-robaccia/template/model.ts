// The app's table: what is written here is the database's schema and the type of its rows.
import { datetime, increments, now, string, text } from '@robaccia/db'
import { db } from './dbconfig.ts'

/** The most that each column takes, in characters. */
export const limits = { title: 100, content: 10_000 }

export const note = db.table('note', {
  id: increments(),
  title: string(limits.title),
  content: text(),
  created: datetime().default(now()).index(),
})
