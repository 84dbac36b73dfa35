import {
  createTable,
  datetime,
  increments,
  now,
  string,
  text,
  type MigrationFile,
} from '@robaccia/db/migrations'

export const migration: MigrationFile = {
  parent: undefined,
  operations: [
    createTable('note', {
      columns: {
        id: increments(),
        title: string(100),
        content: text(),
        created: datetime().default(now()).index(),
      },
    }),
  ],
}
