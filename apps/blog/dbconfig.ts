// Where the entries are kept: DATABASE_URL, or a file in this folder; and what makes their table.
import { fileURLToPath } from 'node:url'
import { database } from '@robaccia/db'

/** The folder of the migrations. */
export const migrations = new URL('./migrations/', import.meta.url)

const file = fileURLToPath(new URL('blog.db', import.meta.url))

export const db = database(process.env.DATABASE_URL || `sqlite:${file}`)
