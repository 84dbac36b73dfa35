// Writes all files, or none: what was written before an error or an interruption is taken away again.
import { existsSync } from 'node:fs'
import { mkdir, rmdir, unlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { AppFile } from './template.js'

/**
 * Never writes over a file, and takes nothing away that was there before.
 *
 * @param folder is made, with those above it, if it is not there
 * @throws the reason of the signal once it is aborted, or what the file system says
 */
export async function writeFiles(
  folder: string,
  files: readonly AppFile[],
  signal?: AbortSignal,
): Promise<void> {
  const undo: (() => Promise<void>)[] = []
  try {
    for (const { path, content } of files) {
      signal?.throwIfAborted()
      const file = join(folder, path)
      // oxlint-disable no-await-in-loop -- one after the other, so that all that was done is known
      await makeFolder(dirname(file), undo)
      undo.push(() => unlink(file))
      await writeFile(file, content, { flag: 'wx' }).catch((error: unknown) => {
        // It was there: it is not ours.
        if (has(error, 'EEXIST')) undo.pop()
        throw error
      })
      // oxlint-enable no-await-in-loop
    }
    signal?.throwIfAborted()
  } catch (error) {
    // What can't be taken away again is not there, or somebody else has put something into it.
    // oxlint-disable-next-line no-await-in-loop -- the last first: folders are empty then
    for (const each of undo.toReversed()) await each().catch(() => undefined)
    throw error
  }
}

/** Makes a folder and those above it that are missing. (Node's own `recursive` never ends in /proc.) */
async function makeFolder(folder: string, undo: (() => Promise<void>)[]): Promise<void> {
  try {
    await mkdir(folder)
  } catch (error) {
    if (has(error, 'EEXIST')) return
    const parent = dirname(folder)
    if (!has(error, 'ENOENT') || parent === folder || existsSync(parent)) throw error
    await makeFolder(parent, undo)
    await mkdir(folder)
  }
  undo.push(() => rmdir(folder))
}

function has(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
