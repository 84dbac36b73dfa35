// A template folder of a test's own, a request without a socket, and what came of it.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { callApp, readAll, type App, type EnvironWith, type HeaderList } from '@robaccia/core'
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

// oxlint-disable-next-line typescript/no-empty-object-type -- as in the contract
export function environ(): EnvironWith<{}> {
  return {
    REQUEST_METHOD: 'GET',
    SCRIPT_NAME: '',
    PATH_INFO: '/',
    QUERY_STRING: '',
    SERVER_NAME: 'localhost',
    SERVER_PORT: '80',
    SERVER_PROTOCOL: 'HTTP/1.1',
    REMOTE_ADDR: '127.0.0.1',
    REQUEST_URI: '/',
    'robaccia.version': '1.0',
    'robaccia.url_scheme': 'http',
    'robaccia.input': { async *[Symbol.asyncIterator]() {} },
    'robaccia.errors': { write() {} },
    'robaccia.server': { signal: new AbortController().signal, after() {} },
    'robaccia.notes': {},
    'router.params': {},
  }
}

export async function get(
  app: App,
  request = environ(),
): Promise<{ status: number; headers: HeaderList; text: string }> {
  const { status, headers, body } = await callApp(app, request)
  return { status, headers, text: new TextDecoder().decode(await readAll(body)) }
}

/** The TemplateError that a view fails with. */
export async function failure(app: App): Promise<TemplateError> {
  try {
    await get(app)
  } catch (error) {
    if (error instanceof TemplateError) return error
    throw error
  }
  throw new Error('the view must fail')
}
