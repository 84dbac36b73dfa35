import {
  createTable,
  datetime,
  integer,
  now,
  string,
  text,
  type MigrationFile,
} from '@robaccia/db/migrations'

export const migration: MigrationFile = {
  parent: undefined,
  operations: [
    createTable('entry', {
      columns: {
        id: string(100).primary(),
        title: string(200),
        author: string(100).default(''),
        content: text(),
        published: datetime().default(now()).index(),
        updated: datetime().default(now()),
        version: integer().default(1),
      },
    }),
  ],
}
