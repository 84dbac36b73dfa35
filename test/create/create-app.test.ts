import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createApp, CreateError, type Database } from 'create-robaccia'
import { check, getFileInfo, resolveConfig } from 'prettier'
import { describe, expect, it } from 'vitest'
import { appFiles } from './app-files.js'
import { filesOf, newFolder } from './screen.js'

const root = join(import.meta.dirname, '../..')
const databases: readonly Database[] = ['sqlite', 'postgres', 'mariadb']

interface Manifest {
  readonly name: string
  readonly version: string
  readonly private?: boolean
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

function manifest(...path: string[]): Manifest {
  return JSON.parse(readFileSync(join(...path, 'package.json'), 'utf8')) as Manifest
}

describe('createApp', () => {
  it.each(databases)(
    'makes all files of an app on %s, in the form that prettier gives',
    async (database) => {
      const folder = join(newFolder(), 'a/b/shop')
      expect(await createApp({ folder, database })).toEqual({ folder, name: 'shop' })
      expect(filesOf(folder)).toEqual(appFiles)
      const config = await resolveConfig(join(root, 'package.json'))
      for (const file of appFiles) {
        const content = readFileSync(join(folder, file), 'utf8')
        // Neither the example's name nor a part for another database is left.
        expect(content, file).not.toMatch(/mysite|only:|workspace:/)
        const filepath = join(folder, file)
        const { inferredParser } = await getFileInfo(filepath)
        if (inferredParser !== null) {
          expect(await check(content, { ...config, filepath }), file).toBe(true)
        }
      }
    },
  )

  it('keeps the data of a container with SQLite in a volume, and names no database of its own otherwise', async () => {
    const folder = newFolder()
    const dockerfiles = databases.map(async (database) => {
      await createApp({ folder: join(folder, database), database })
      return readFileSync(join(folder, database, 'Dockerfile'), 'utf8')
    })
    const [sqlite, ...others] = await Promise.all(dockerfiles)
    expect(sqlite).toMatch(/^ENV DATABASE_URL=sqlite:\/data\/sqlite\.db\nVOLUME \/data$/m)
    for (const each of others) expect(each).not.toMatch(/DATABASE_URL|VOLUME/)
  })

  it('asks for packages of this release, and for others at the versions that are tested here', async () => {
    const folder = join(newFolder(), 'shop')
    await createApp({ folder })
    const own = manifest(folder)
    const released = readdirSync(join(root, 'packages')).map((name) =>
      manifest(root, 'packages', name),
    )
    const { version } = manifest(root, 'packages/create-robaccia')
    for (const each of released) expect([each.name, each.version]).toEqual([each.name, version])

    const pins = {
      ...manifest(root).devDependencies,
      ...manifest(root, 'packages/db').peerDependencies,
    }
    const template = manifest(root, 'packages/create-robaccia/template')
    for (const dependencies of [own.dependencies, own.devDependencies, template.dependencies]) {
      for (const [name, range] of Object.entries(dependencies)) {
        const expected = released.some((each) => each.name === name) ? version : pins[name]
        expect([name, range === 'workspace:*' ? version : range]).toEqual([name, expected])
      }
    }
    expect(Object.keys(own.dependencies)).not.toContain('pg')
  })

  it('takes an empty folder, also one that is a new repository', async () => {
    const folder = join(newFolder(), 'shop')
    mkdirSync(join(folder, '.git'), { recursive: true })
    await createApp({ folder })
    expect(filesOf(folder)).toEqual(appFiles)
  })

  it('refuses a database that it does not know', async () => {
    const folder = newFolder()
    const refused = createApp({ folder: join(folder, 'shop'), database: 'oracle' as Database })
    await expect(refused).rejects.toThrow(CreateError)
    await expect(refused).rejects.toThrow(
      `the database must be one of sqlite, postgres, mariadb, got 'oracle'`,
    )
    expect(readdirSync(folder)).toEqual([])
  })

  it.each([0, 1, 2, 5, 10, 18])(
    'leaves nothing when it is interrupted after %i looks at the signal',
    async (looks) => {
      const folder = newFolder()
      const reason = new Error('interrupted')
      let left = looks
      const signal = {
        aborted: true,
        throwIfAborted() {
          if (left-- === 0) throw reason
        },
      } as AbortSignal
      await expect(createApp({ folder: join(folder, 'a/shop'), signal })).rejects.toBe(reason)
      expect(readdirSync(folder)).toEqual([])
    },
  )

  it('leaves what somebody else has put there meanwhile, and takes away its own', async () => {
    const folder = newFolder()
    const shop = join(folder, 'shop')
    let looks = 0
    const signal = {
      aborted: false,
      throwIfAborted() {
        if (++looks === 3) writeFileSync(join(shop, 'view.ts'), 'mine')
      },
    } as AbortSignal
    await expect(createApp({ folder: shop, signal })).rejects.toThrow(
      /^the folder must be writable, got EEXIST: /,
    )
    expect(filesOf(shop)).toEqual(['view.ts'])
    expect(readFileSync(join(shop, 'view.ts'), 'utf8')).toBe('mine')
  })
})
