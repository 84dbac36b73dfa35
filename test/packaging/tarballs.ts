// The packages as they would be published.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Packs every package into a new folder outside the repository and gives the tarballs' paths. */
export function packAll(): { readonly folder: string; readonly tarballs: readonly string[] } {
  const folder = mkdtempSync(join(tmpdir(), 'robaccia-'))
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    packageManager: string
  }
  execFileSync(
    'npx',
    ['--yes', packageManager, '--filter', './packages/*', 'pack', '--pack-destination', folder],
    { cwd: root, stdio: 'pipe' },
  )
  const tarballs = readdirSync(folder).filter((name) => name.endsWith('.tgz'))
  return { folder, tarballs: tarballs.map((name) => join(folder, name)) }
}

/** The environment without what the running npm or pnpm tells its scripts of this repository. */
export function outside(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^npm_(?:package|lifecycle|command|execpath)/i.test(name) && name !== 'INIT_CWD',
    ),
  )
}
