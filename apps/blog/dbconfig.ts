// Where the entries are kept: DATABASE_URL, or a file in this folder.
import { fileURLToPath } from 'node:url'
import { database } from '@robaccia/db'

const file = fileURLToPath(new URL('blog.db', import.meta.url))

export const db = database(process.env.DATABASE_URL || `sqlite:${file}`)
