// The README's move from SQLite to another database: its commands, one by one, on real servers.
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { databases } from '../db/databases.js'
import { makePosts } from './posts.js'

const cwd = fileURLToPath(new URL('../../apps/blog/', import.meta.url))

function manage(url: string, folder: string, words: readonly string[]): Promise<string> {
  const env = { ...process.env, DATABASE_URL: url, INIT_CWD: folder }
  const argv = ['--import', 'tsx', 'manage.ts', ...words]
  return new Promise((resolve, reject) => {
    execFile(process.execPath, argv, { cwd, env, maxBuffer: 2 ** 26 }, (error, out, err) => {
      if (error) reject(new Error(err, { cause: error }))
      else resolve(out)
    })
  })
}

/** What the README's section says to type, with what is answered. */
function steps(): { readonly typed: string; readonly answer: string }[] {
  const readme = readFileSync(join(cwd, 'README.md'), 'utf8')
  const section = readme.split('## From SQLite to PostgreSQL\n')[1] ?? ''
  const shown = /```console\n([^]*?)```/.exec(section)?.[1] ?? ''
  return shown
    .split(/^\$ /m)
    .slice(1)
    .map((step) => {
      const [typed = '', ...answer] = step.split('\n')
      return { typed, answer: answer.join('\n') }
    })
}

const servers = databases.filter(({ name }) => !name.startsWith('SQLite'))

describe.each(servers)('the move from SQLite to $name', { timeout: 60_000 }, ({ open }) => {
  it('goes as the README says, and back again, with every entry as it was', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'robaccia-move-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const server = await open()
    onTestFinished(server.remove)
    const file = `sqlite:${join(folder, 'blog.db')}`
    await manage(file, folder, ['import', await makePosts(284)])

    let url = file
    let commands = 0
    for (const { typed, answer } of steps()) {
      const words = /^pnpm --filter blog manage (.*)$/.exec(typed)?.[1]?.split(' ')
      if (typed.startsWith('export DATABASE_URL=')) ({ url } = server)
      if (!words) continue
      commands += 1
      expect(await manage(url, folder, words)).toBe(answer)
    }
    expect([commands, url]).toEqual([3, server.url])

    const [before, after] = [
      await manage(file, folder, ['dump']),
      await manage(url, folder, ['dump']),
    ]
    expect(after.split('\n').toSorted()).toEqual(before.split('\n').toSorted())
    const back = `sqlite:${join(folder, 'back.db')}`
    await manage(url, folder, ['dump', 'back.jsonl'])
    await manage(back, folder, ['migrate'])
    await manage(back, folder, ['load', 'back.jsonl'])
    expect((await manage(back, folder, ['dump'])).split('\n').toSorted()).toEqual(
      before.split('\n').toSorted(),
    )
  })
})
