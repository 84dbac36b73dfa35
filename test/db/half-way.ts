// Migrations with a data step between two changes of a table: where a process may be killed.
import { addColumn, createTable, type Migration, runs, string } from '@robaccia/db/migrations'

export function halfWay(step: () => void | Promise<void>): readonly Migration[] {
  const entry = createTable('entry', { columns: { id: string(10).primary() } })
  return [
    { name: '0001_initial', parent: undefined, operations: [entry] },
    {
      name: '0002_half_way',
      parent: '0001_initial',
      operations: [
        addColumn('entry', 'one', string(10).default('1')),
        runs(
          async (db) => {
            await db.knex('entry').insert({ id: 'made' })
            await step()
          },
          (db) => db.knex('entry').del(),
        ),
        addColumn('entry', 'two', string(10).default('2')),
      ],
    },
  ]
}
