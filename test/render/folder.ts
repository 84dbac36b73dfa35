// A template folder of a test's own, a view that renders out of it, and what came of a request.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { App } from '@robaccia/core'
import { client, type ClientResponse } from '@robaccia/core/testing'
import { renderer, TemplateError, type RendererOptions, type Vars } from '@robaccia/render'
import { onTestFinished } from 'vitest'

/** Makes a folder with these files; it is gone when the test is. */
export function folder(files: Readonly<Record<string, string>> = {}): string {
  const dir = mkdtempSync(join(realpathSync(tmpdir()), 'render-'))
  onTestFinished(() => rmSync(dir, { recursive: true }))
  for (const [name, text] of Object.entries(files)) write(dir, name, text)
  return dir
}

export function write(dir: string, name: string, text: string): void {
  const file = join(dir, name)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

/** A view that renders `name` out of a folder of these files. */
export function view(
  files: Readonly<Record<string, string>>,
  name: string,
  vars?: Vars,
  options?: Omit<RendererOptions, 'dir'>,
): App {
  const render = renderer({ dir: folder(files), ...options })
  return (request, startResponse) => render(request, startResponse, name, vars)
}

/** The answer to `GET /`; what the view throws is thrown. */
export async function get(app: App): Promise<ClientResponse> {
  const response = await client(app).get('/')
  if (response.error !== undefined) throw response.error
  return response
}

/** The TemplateError that a view fails with. */
export async function failure(app: App): Promise<TemplateError> {
  const { error } = await client(app).get('/')
  if (error instanceof TemplateError) return error
  throw new Error('the view must fail with a TemplateError', { cause: error })
}
