// Makes an app: checks where, and writes its files.
import { CreateError } from './create-error.js'
import { type Database, databases, isDatabase } from './databases.js'
import { destination } from './destination.js'
import type { Destination } from './destination.js'
import { appFiles } from './template.js'
import { writeFiles } from './write-files.js'

export { CreateError } from './create-error.js'

export interface Choices {
  /** A folder that is new or empty; its name becomes the package's. A `.git` in it may be there. */
  readonly folder: string
  /** `sqlite` unless given. */
  readonly database?: Database
  /** Once it is aborted, nothing of the app stays. */
  readonly signal?: AbortSignal
}

/**
 * Makes an app in a folder: all of its files, or none.
 *
 * @returns the absolute path of the folder, and the app's name
 * @throws CreateError when the folder has something in it or can't be written, or its name can't be a
 * package's, or there is no such database
 * @throws the reason of the signal once it is aborted
 *
 * @example await createApp({ folder: 'mysite', database: 'postgres' })
 */
export async function createApp(choices: Choices): Promise<Destination> {
  const { database = 'sqlite', signal } = choices
  if (!isDatabase(database)) {
    throw new CreateError(
      `the database must be one of ${Object.keys(databases).join(', ')}, got '${String(database)}'`,
    )
  }
  const { folder, name } = destination(choices.folder)
  try {
    await writeFiles(folder, appFiles(name, database), signal)
  } catch (error) {
    if (signal?.aborted === true) throw error
    throw CreateError.of('the folder must be writable', error)
  }
  return { folder, name }
}
