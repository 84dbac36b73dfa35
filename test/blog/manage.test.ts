// The commands as they are typed: in processes of their own, on a database in a file.
import { execFile } from 'node:child_process'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { makePosts, writePost } from './posts.js'

const cwd = fileURLToPath(new URL('../../apps/blog/', import.meta.url))
let folder = ''

beforeAll(async () => {
  folder = await makePosts(3)
})

function manage(...words: string[]): Promise<{ code: unknown; out: string; err: string }> {
  const env = {
    ...process.env,
    DATABASE_URL: `sqlite:${join(folder, 'test.db')}`,
    INIT_CWD: dirname(folder),
  }
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--import', 'tsx', 'manage.ts', ...words],
      { cwd, env },
      (error, out, err) => {
        resolve({ code: error?.code ?? 0, out, err })
      },
    )
  })
}

describe('manage', { timeout: 60_000 }, () => {
  it('creates, imports and checks', async () => {
    const made = 'applied 0001_initial\n'
    expect(await manage('create')).toEqual({ code: 0, out: made, err: '' })
    const added = '3 added, 0 already there, 0 skipped\n'
    expect(await manage('import', basename(folder))).toEqual({ code: 0, out: added, err: '' })
    expect(await manage('check')).toMatchObject({ code: 0, err: '' })
  })

  it('imports into a new database, and fails when a post is bad', async () => {
    folder = await makePosts(1)
    await writePost(folder, 'bad.md', 'bad')
    expect(await manage('import', folder)).toEqual({
      code: 1,
      out: 'applied 0001_initial\n1 added, 0 already there, 1 skipped\n',
      err: 'bad.md: must begin with front matter between two lines of ---\n',
    })
  })

  it('lists the routes with their views', async () => {
    const { out } = await manage('routes')
    expect(out).toMatch(/^GET +\/blog\/\{id:segment\}\/ .*memberGet$/m)
    expect(out).toMatch(/^POST +\/blog\/;create_form /m)
  })
})
