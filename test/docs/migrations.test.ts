// The guide to migrations, step by step on a copy of the blog: its changes of the model, its files, and its commands
// with their answers.
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { makePosts } from '../blog/posts.js'
import { databases } from '../db/databases.js'

const guide = readFileSync(new URL('../../docs/migrations.md', import.meta.url), 'utf8')
const blog = fileURLToPath(new URL('../../apps/blog', import.meta.url))

/** The blocks of the guide in their order. */
const blocks = [...guide.matchAll(/^```(\w+)\n([^]*?)^```$/gm)].map(
  ({ 1: kind, 2: code = '' }) => ({
    kind,
    code,
  }),
)

async function copyOfBlog(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'robaccia-guide-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const left = ['node_modules', 'tsconfig.json', 'migrations']
  await cp(blog, folder, {
    recursive: true,
    filter: (path) => path === blog || !left.includes(basename(path)),
  })
  await cp(join(blog, 'migrations/0001_initial.ts'), join(folder, 'migrations/0001_initial.ts'))
  await symlink(join(blog, 'node_modules'), join(folder, 'node_modules'))
  await symlink(await makePosts(284), join(folder, 'posts'))
  return folder
}

/** What a command writes to both streams. */
function manage(folder: string, url: string, words: readonly string[]): Promise<string> {
  const env = { ...process.env, DATABASE_URL: url, INIT_CWD: folder }
  const argv = ['--import', 'tsx', 'manage.ts', ...words]
  return new Promise((resolve) => {
    execFile(process.execPath, argv, { cwd: folder, env }, (_error, out, err) => resolve(out + err))
  })
}

/** Makes the lines of a diff in a text. */
function patched(text: string, diff: string): string {
  const lines = diff.trimEnd().split('\n')
  const side = (mark: string) =>
    lines
      .filter((line) => line.startsWith(mark) || line.startsWith(' '))
      .map((line) => `${line.slice(1)}\n`)
      .join('')
  expect(text).toContain(side('-'))
  return text.replace(side('-'), () => side('+'))
}

function withoutTimes(text: string): string {
  return text.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
}

const kept = databases.filter(({ name }) => ['SQLite file', 'PostgreSQL', 'MariaDB'].includes(name))

describe.each(kept)('the guide to migrations on $name', ({ name: on, open }) => {
  test('does what it says', { timeout: 300_000 }, async () => {
    const folder = await copyOfBlog()
    const opened = await open()
    onTestFinished(opened.remove)
    const inMigrations = async () => (await readdir(join(folder, 'migrations'))).toSorted()
    const newest = async () => join(folder, 'migrations', (await inMigrations()).at(-1) ?? '')
    const seen = { console: 0, diff: 0, typescript: 0, text: 0 }
    for (const { kind, code } of blocks) {
      if (kind === 'console') {
        for (const step of code.split(/^\$ manage /m).slice(1)) {
          const [typed = '', ...answer] = step.split('\n')
          const said = await manage(folder, opened.url, typed.split(' '))
          // The guide shows PostgreSQL's.
          if (typed.startsWith('sqlmigrate') && on !== 'PostgreSQL') continue
          expect([typed, withoutTimes(said)]).toEqual([typed, withoutTimes(answer.join('\n'))])
          seen.console += 1
        }
      } else if (kind === 'diff') {
        const model = join(folder, 'model.ts')
        await writeFile(model, patched(await readFile(model, 'utf8'), code))
        seen.diff += 1
      } else if (kind === 'typescript') {
        // A data step is written by hand.
        if (code.includes('runs(')) await writeFile(await newest(), code)
        else expect(await readFile(await newest(), 'utf8')).toBe(code)
        seen.typescript += 1
      } else if (kind === 'text') {
        for (const name of ['0008_add_entry_mood', '0008_add_entry_place']) {
          const source = `export const migration = { parent: '0007_drop_entry_length', operations: [] }\n`
          await writeFile(join(folder, 'migrations', `${name}.ts`), source)
        }
        expect(await manage(folder, opened.url, ['check'])).toBe(code)
        seen.text += 1
      }
    }
    const console = on === 'PostgreSQL' ? 19 : 18
    expect(seen).toEqual({ console, diff: 7, typescript: 2, text: 1 })
  })
})
