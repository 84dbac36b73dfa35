// The databases that a new app may keep its rows in.

interface DatabaseChoice {
  /** For people. */
  readonly label: string
  readonly hint: string
  /** The package that speaks to it, unless @robaccia/db has it. */
  readonly driver?: string
  /** What `dbconfig.ts` takes unless `DATABASE_URL` is set. */
  readonly url: (name: string) => string
}

/** The name that `--database` takes. */
export type Database = 'sqlite' | 'postgres' | 'mariadb'

export const databases: Readonly<Record<Database, DatabaseChoice>> = {
  sqlite: {
    label: 'SQLite',
    hint: 'a file beside the app: nothing to install',
    url: (name) => `sqlite:${name}.db`,
  },
  postgres: {
    label: 'PostgreSQL',
    hint: 'a server that you have',
    driver: 'pg',
    url: (name) => `postgres://localhost/${name}`,
  },
  mariadb: {
    label: 'MariaDB or MySQL',
    hint: 'a server that you have',
    driver: 'mysql2',
    url: (name) => `mysql://root@localhost/${name}`,
  },
}

export function isDatabase(name: string): name is Database {
  return Object.hasOwn(databases, name)
}
