// Where the notes are kept: what DATABASE_URL says, or a database on this machine.
import { database } from '@robaccia/db'

export const db = database(process.env.DATABASE_URL || 'sqlite:mysite.db')
