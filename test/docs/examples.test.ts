// Every ```ts block of a README or a guide is a module that type-checks and runs as it stands.
import { execFile } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
/** Inside this folder, so that an example finds the packages as an app beside them does. */
const folder = join(import.meta.dirname, 'examples')

interface Example {
  /** The document and the line that the block begins at: `README.md:12`. */
  readonly place: string
  readonly file: string
}

function documents(): string[] {
  const inFolders = ['packages', 'apps'].flatMap((name) =>
    readdirSync(join(root, name)).map((each) => join(name, each, 'README.md')),
  )
  const guides = existsSync(join(root, 'docs')) ? readdirSync(join(root, 'docs')) : []
  const inDocs = guides.filter((name) => name.endsWith('.md')).map((name) => join('docs', name))
  return ['README.md', ...inFolders, ...inDocs].filter((path) => existsSync(join(root, path)))
}

function extract(): Example[] {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  return documents().flatMap((path) => {
    const text = readFileSync(join(root, path), 'utf8')
    return [...text.matchAll(/^```ts\n([^]*?)^```$/gm)].map(({ 1: code = '', index }) => {
      const place = `${path}:${text.slice(0, index).split('\n').length}`
      const file = join(folder, `${place.replaceAll(/[/.:]/g, '-')}.ts`)
      writeFileSync(file, code)
      return { place, file }
    })
  })
}

const vitest = join(root, 'node_modules/vitest/vitest.mjs')
/** For examples that are tests by vitest: any file may be one. */
const config = join(folder, 'vitest.config.mjs')

function isVitest(file: string): boolean {
  return readFileSync(file, 'utf8').includes("from 'vitest'")
}

const examples = extract()
writeFileSync(config, "export default { test: { include: ['*.ts'] } }\n")
const execute = promisify(execFile)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the examples of the documentation', () => {
  test('are there', () => {
    expect(examples.length).toBeGreaterThan(10)
  })

  test('type-check', async () => {
    const options = {
      extends: '../../tsconfig.json',
      compilerOptions: { composite: false, incremental: false, moduleDetection: 'force' },
      include: ['.'],
    }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(options))
    const tsc = join(root, 'node_modules/typescript/bin/tsc')
    const result = await execute(process.execPath, [tsc, '-p', folder]).catch(
      (error: { stdout: string }) => error,
    )
    expect(result.stdout).toBe('')
  })

  test.each(examples)('$place runs', { timeout: 60_000 }, async ({ file }) => {
    const cwd = mkdtempSync(join(tmpdir(), 'robaccia-example-'))
    const env = { ...process.env, DATABASE_URL: 'sqlite::memory:' }
    const tsx = import.meta.resolve('tsx')
    const run = isVitest(file)
      ? [vitest, 'run', '--root', folder, '--config', config, file]
      : ['--import', tsx, file]
    try {
      await execute(process.execPath, run, { cwd, env, timeout: 30_000 })
    } finally {
      rmSync(cwd, { recursive: true, force: true })
    }
  })
})
