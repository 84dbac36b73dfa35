import { execFileSync, spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { afterAll, describe, expect, test } from 'vitest'
import { outside, packAll } from './tarballs.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const { folder, tarballs } = packAll()
const packed = tarballs.map((tarball) => ({
  name: basename(tarball).replace(/^(?:robaccia-)?(.*)-[\d.]+\.tgz$/, '$1'),
  tarball,
}))

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** An application as somebody writes it who has only the published packages. */
const outsider = `
import { errors, selector, serve } from '@robaccia/core'
import type { App } from '@robaccia/core'
import { database, string } from '@robaccia/db'
import { renderer } from '@robaccia/render'

const db = database('sqlite::memory:')
const note = db.table('note', { id: string(20).primary(), title: string(100) })
const render = renderer({ dir: new URL('templates/', import.meta.url) })

const show: App<{ id: string }> = async (environ, startResponse) => {
  const { id } = environ['router.params']
  const row = await note.select().where({ id }).first()
  return render(environ, startResponse, 'note.html', { row })
}
const urls = selector().add('/{id}/', { GET: show })

await db.create()
await note.insert({ id: 'first', title: 'Hello <world>' })
const server = await serve(errors({})(urls), { port: 0, using: [db] })
console.log(await (await fetch(\`http://127.0.0.1:\${server.port}/first/\`)).text())
await server.close()
`

describe('the published packages', () => {
  test('are packed, all of them', () => {
    expect(packed.map(({ name }) => name).toSorted()).toEqual(readdirSync(join(root, 'packages')))
  })

  describe.each(packed)('$name', ({ tarball }) => {
    test('has nothing that publint finds', async () => {
      const bytes = new Uint8Array(readFileSync(tarball)).buffer
      const { messages, pkg } = await publint({ pack: { tarball: bytes }, strict: true })
      expect(messages.map((message) => formatMessage(message, pkg))).toEqual([])
    })

    test('has types that resolve', () => {
      const attw = join(root, 'node_modules/@arethetypeswrong/cli/dist/index.js')
      const options = ['--profile', 'esm-only', '--format', 'ascii', '--no-emoji']
      const checked = spawnSync(process.execPath, [attw, tarball, ...options], { encoding: 'utf8' })
      expect(checked, checked.stdout).toHaveProperty('status', 0)
    })

    test('has a README, a licence and no build leftovers', () => {
      const files = execFileSync('tar', ['-tzf', tarball], { encoding: 'utf8' }).split('\n')
      expect(files).toContain('package/README.md')
      expect(files).toContain('package/LICENSE')
      // What create-robaccia makes apps of has tests that are theirs.
      const own = files.filter((file) => !file.startsWith('package/template/test/'))
      expect(own.filter((file) => /tsbuildinfo|\.test\./.test(file))).toEqual([])
    })
  })

  test('make an application in a folder of its own', { timeout: 600_000 }, () => {
    const manifest = { name: 'outsider', private: true, type: 'module' }
    writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))
    writeFileSync(join(folder, 'main.ts'), outsider)
    execFileSync('mkdir', ['templates'], { cwd: folder })
    writeFileSync(join(folder, 'templates/note.html.pug'), 'h1= row.title\n')
    const dependencies = ['tsx', 'typescript', '@types/node'].map(
      (name) => `${name}@${version(name)}`,
    )
    execFileSync(
      'npm',
      ['install', '--no-audit', '--no-fund', '--loglevel=error', ...tarballs, ...dependencies],
      { cwd: folder, stdio: 'pipe', env: outside() },
    )
    const options = { cwd: folder, encoding: 'utf8' } as const
    const strict = ['--strict', '--noEmit', '--module', 'nodenext', '--target', 'es2023']
    execFileSync('npx', ['tsc', ...strict, '--types', 'node', 'main.ts'], options)
    const output = execFileSync('npx', ['tsx', 'main.ts'], options)
    expect(output.trim()).toBe('<h1>Hello &lt;world&gt;</h1>')
  })
})

function version(name: string): string {
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    devDependencies: Record<string, string>
  }
  return devDependencies[name] ?? 'latest'
}
