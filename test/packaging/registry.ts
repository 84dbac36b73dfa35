// The packages as npm gets them: a registry of this release alone, for the scope @robaccia. All others come
// from where they always come from.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Registry {
  /** For the environment of npm. */
  readonly env: Readonly<Record<string, string>>
  close(): void
}

export async function registry(tarballs: readonly string[]): Promise<Registry> {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '').slice(1)
    const tarball = tarballs.find((each) => each === path)
    const found = packages.find(({ name }) => name === path)
    if (tarball !== undefined) response.end(readFileSync(tarball))
    else if (found === undefined) response.writeHead(404).end()
    else response.end(JSON.stringify(found))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  // The address of a server that listens on TCP.
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}/`
  const packages = tarballs.map((tarball) => description(tarball, url))
  return { env: { 'npm_config_@robaccia:registry': url }, close: () => void server.close() }
}

/** What a registry says of a package that has one version. */
function description(tarball: string, url: string) {
  const text = execFileSync('tar', ['-xzOf', tarball, 'package/package.json'], { encoding: 'utf8' })
  const manifest = JSON.parse(text) as { readonly name: string; readonly version: string }
  const hash = createHash('sha512').update(readFileSync(tarball)).digest('base64')
  const dist = { tarball: `${url}${encodeURIComponent(tarball)}`, integrity: `sha512-${hash}` }
  return {
    name: manifest.name,
    'dist-tags': { latest: manifest.version },
    versions: { [manifest.version]: { ...manifest, dist } },
  }
}
