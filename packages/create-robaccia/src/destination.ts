// Where an app may be made: a folder that is new or empty, whose name can be a package's.
import { readdirSync, statSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import validate from 'validate-npm-package-name'
import { CreateError } from './create-error.js'

export interface Destination {
  readonly folder: string
  /** The folder's own name: the package's, too. */
  readonly name: string
}

/**
 * @param given a path, relative to the working directory or absolute
 * @throws CreateError when it holds something besides `.git`, is no folder, or its name can't be a package's
 */
export function destination(given: string): Destination {
  if (given.trim() === '') throw new CreateError(`the folder must have a name, got '${given}'`)
  const folder = resolve(given)
  const name = basename(folder)
  const { validForNewPackages, errors = [], warnings = [] } = validate(name)
  if (!validForNewPackages) {
    const rule = [...errors, ...warnings].join(', ')
    throw new CreateError(
      `the folder's name must be good for a package, got '${name}': ${rule}${suggestion(name)}`,
    )
  }
  const there = contents(folder, given).filter((each) => each !== '.git')
  if (there.length > 0) {
    throw new CreateError(`the folder must be empty, got ${given} with ${some(there)}`)
  }
  return { folder, name }
}

/** Says how the name would be right. */
function suggestion(name: string): string {
  const better = name
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+|-+$/g, '')
  return better !== name && validate(better).validForNewPackages ? `; try ${better}` : ''
}

function contents(folder: string, given: string): string[] {
  try {
    if (statSync(folder, { throwIfNoEntry: false }) === undefined) return []
    return readdirSync(folder)
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOTDIR') {
      throw new CreateError(`the folder must be one or not be there, got the file ${given}`, {
        cause,
      })
    }
    throw CreateError.of(`the folder ${given} must be readable`, cause)
  }
}

function some(names: readonly string[]): string {
  const shown = names.slice(0, 3).join(', ')
  return names.length > 3 ? `${shown} and ${names.length - 3} more` : shown
}
