// The blog as a CGI script of a real web server: lighttpd starts apps/blog/main.cgi for each request.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest'
import { request } from '../adapters/socket.js'
import { credentials, passwordHash } from './blog.js'

const { lighttpd, redis } = inject('services')
const blog = fileURLToPath(new URL('../../apps/blog/', import.meta.url))

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  return typeof address === 'object' ? (address?.port ?? 0) : 0
}

function settings(port: number, folder: string): string {
  return `
    server.document-root = "${blog}public"
    server.bind = "127.0.0.1"
    server.port = ${port}
    server.errorlog = "${folder}/error.log"
    server.breakagelog = "${folder}/standard-error.log"
    server.modules = ("mod_alias", "mod_cgi", "mod_setenv")
    alias.url = ("/cgi-bin/blog" => "${blog}main.cgi")
    cgi.assign = (".cgi" => "")
    setenv.set-environment = (
      "PATH" => env.PATH,
      "DATABASE_URL" => env.DATABASE_URL,
      "PASSWORD_HASH" => env.PASSWORD_HASH,
      "REDIS_URL" => env.REDIS_URL,
      "SESSION_SECRET" => env.SESSION_SECRET
    )
  `
}

describe.runIf(lighttpd !== undefined)('main.cgi', () => {
  let folder: string
  let port: number
  let stop = async (): Promise<void> => {}

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'blog-cgi-'))
    port = await freePort()
    const url = `sqlite:${folder}/blog.db`
    const environment = {
      ...process.env,
      DATABASE_URL: url,
      PASSWORD_HASH: passwordHash,
      // Each request is a process of its own.
      REDIS_URL: redis === undefined ? '' : `${redis}/12`,
      SESSION_SECRET: 'at least 32 characters, and random',
    }
    const create = spawn(process.execPath, ['--import', 'tsx', 'manage.ts', 'create'], {
      cwd: blog,
      env: environment,
    })
    await once(create, 'exit')
    await writeFile(`${folder}/lighttpd.conf`, settings(port, folder))
    const server = spawn(lighttpd ?? '', ['-D', '-f', `${folder}/lighttpd.conf`], {
      cwd: '/',
      env: environment,
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    stop = async () => {
      server.kill()
      await once(server, 'exit')
      await rm(folder, { recursive: true })
    }
    await vi.waitFor(() => fetch(`http://127.0.0.1:${port}/`), { timeout: 5000 })
  })
  afterAll(() => stop())

  test('answers below its own path', async () => {
    const response = await fetch(`http://localhost:${port}/cgi-bin/blog/blog/`)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect(await response.text()).toContain('/cgi-bin/blog/blog/;create_form')
  })

  const post = (path: string, form: Record<string, string>, cookie = '') =>
    fetch(`http://localhost:${port}/cgi-bin/blog${path}`, {
      method: 'POST',
      body: new URLSearchParams(form),
      headers: { cookie },
      redirect: 'manual',
    })

  test('asks a stranger to log in, below its own path', async () => {
    const asked = 'GET /cgi-bin/blog/blog/;create_form'
    const answer = await request(port, asked, 'Accept: text/html')
    expect(answer).toMatch(/^HTTP\/1.1 303 /)
    expect(answer).toMatch(/^location: \/cgi-bin\/blog\/login\/\?next=%2Fcgi-bin/im)
  })

  test.runIf(redis)('lets the writer in, takes a form, and sends on to what it made', async () => {
    const login = await post('/login/', credentials)
    expect([login.status, login.headers.get('location')]).toEqual([303, '/cgi-bin/blog/'])
    const [cookie] = (login.headers.get('set-cookie') ?? '').split(';')
    const form = { title: 'Caffè', content: 'By *CGI*.', id: 'caffe' }
    const made = await post('/blog/;create_form', form, cookie)
    expect(made.status).toBe(303)
    const location = made.headers.get('location') ?? ''
    expect(location).toMatch(/^\/cgi-bin\/blog\/blog\//)
    const entry = await fetch(new URL(location, `http://localhost:${port}`))
    expect(await entry.text()).toContain('<em>CGI</em>')
  })

  test('says 404 with its own page', async () => {
    const answer = await request(port, 'GET /cgi-bin/blog/blog/caf%C3%A9%2Fx/')
    expect(answer).toMatch(/^HTTP\/1.1 404 /)
    expect(answer).toContain('<h1>')
  })

  test('logs each request where the web server logs, and not into the response', async () => {
    await request(port, 'GET /cgi-bin/blog/blog/logged/')
    await vi.waitFor(async () => {
      const logged = (await readFile(`${folder}/standard-error.log`, 'utf8'))
        .split('\n')
        .filter((line) => line.includes('/blog/logged/'))
      expect(logged.map((line) => JSON.parse(line))).toMatchObject([
        { method: 'GET', path: '/cgi-bin/blog/blog/logged/', status: 404 },
      ])
    })
  })

  test('sends no body with HEAD', async () => {
    const answer = await request(port, 'HEAD /cgi-bin/blog/blog/')
    expect(answer).toMatch(/^HTTP\/1.1 200 /)
    expect(answer).toMatch(/\r\n\r\n$/)
  })
})
