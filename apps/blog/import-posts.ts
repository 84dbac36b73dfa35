// `manage import FOLDER`: the Markdown files of a folder become entries. A bad one keeps no other out, and
// one that is there already is left alone: an import that broke off is simply run again.
import { readdir, readFile, stat } from 'node:fs/promises'
import { join, parse, relative, resolve } from 'node:path'
import { loadMigrations, migrate } from '@robaccia/db/migrations'
import { command, CommandError } from '@robaccia/manage'
import { db, migrations } from './dbconfig.js'
import { EntryBatch } from './entry-batch.js'
import { problems } from './entry-form.js'
import { parsePost, PostError } from './front-matter.js'
import type { Post } from './front-matter.js'
import { limits } from './model.js'
import { slug } from './slug.js'

export const importPosts = command({
  description: 'Adds the Markdown files (.md, .mdx) of a folder and those below it as entries.',
  example: 'manage import ~/posts',
  args: { folder: { type: 'positional', description: 'the folder', required: true } },
  async run({ args, print, warn, progress }) {
    // A package manager runs a script in the package's folder; this is where it was called.
    const folder = resolve(process.env.INIT_CWD ?? '.', args.folder)
    const files = await postsIn(folder)
    if (files.length === 0) {
      throw new CommandError(
        `the folder must have Markdown files (.md, .mdx), got none in ${folder}`,
      )
    }
    for (const name of await migrate(db, await loadMigrations(migrations))) print(`applied ${name}`)
    const fileOf = new Map<string, string>()
    const entries = new EntryBatch()
    let bad = 0
    for (const file of progress(files)) {
      // A terminal would obey control characters.
      const name = relative(folder, file).replace(/\p{Cc}/gu, '\ufffd')
      try {
        const { slug: wanted, ...post } = await readPost(file)
        const id = slug(wanted || parse(file).name)
        const other = fileOf.get(id)
        if (other !== undefined) throw new PostError(`has the address of ${other}: ${id}`)
        fileOf.set(id, name)
        await entries.add({ id, ...post, updated: post.published })
      } catch (error) {
        if (!(error instanceof PostError)) throw error
        bad += 1
        warn(`${name}: ${error.message}`)
      }
    }
    await entries.flush()
    print(`${entries.added} added, ${entries.known} already there, ${bad} skipped`)
    return bad > 0 ? 1 : 0
  },
})

async function postsIn(folder: string): Promise<string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true }).catch((cause) => {
    throw new CommandError(`the folder must be one that can be read, got ${folder}`, { cause })
  })
  return found
    .filter((each) => /\.mdx?$/i.test(each.name) && (each.isFile() || each.isSymbolicLink()))
    .map((each) => join(each.parentPath, each.name))
    .toSorted()
}

/** @throws PostError when the file can't be read, or is not what an entry can be */
async function readPost(file: string): Promise<Post> {
  const bytes = await readAtMost(file, limits.content + 2 ** 16)
  const post = parsePost(bytes)
  const [problem] = Object.values(problems({ id: '', ...post }) ?? {})
  if (problem !== undefined) throw new PostError(problem)
  return post
}

async function readAtMost(file: string, length: number): Promise<Uint8Array> {
  try {
    if ((await stat(file)).size <= length) return await readFile(file)
  } catch (cause) {
    throw new PostError('must be a file that can be read', { cause })
  }
  throw new PostError(`must have at most ${length.toLocaleString('en')} bytes`)
}
