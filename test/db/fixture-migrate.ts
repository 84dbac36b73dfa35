// A process that migrates the database of DATABASE_URL, for migrator-process.test.ts to kill. It writes `inside` when
// its data step has begun, which ends only if SLOW is not set.
import { setTimeout as sleep } from 'node:timers/promises'
import { database } from '@robaccia/db'
import { migrate } from '@robaccia/db/migrations'
import { halfWay } from './half-way.js'

const db = database(process.env.DATABASE_URL ?? '')
const migrations = halfWay(async () => {
  process.stdout.write('inside\n')
  await sleep(process.env.SLOW === undefined ? 0 : 60_000)
})
const names = await migrate(db, migrations, {
  onWait: () => void process.stdout.write('waits\n'),
})
process.stdout.write(`${names.join(' ')}\n`)
await db.close()
