// The blog as a reader and a writer have it: in a browser, over a socket, with hundreds of posts.
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { PassThrough } from 'node:stream'
import { serve } from '@robaccia/core'
import { runCommand } from '@robaccia/manage'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  inject,
  it,
  onTestFinished,
} from 'vitest'
import { app, credentials, db, entry, importPosts, urls } from './blog.js'
import { launch } from './chromium.js'
import { postCount, somePosts } from './posts.js'

const { chromium = '' } = inject('services')

describe.runIf(chromium)('the blog in a browser', { timeout: 60_000 }, () => inBrowser(chromium))

function inBrowser(executablePath: string): void {
  let browser: Browser
  let server: Awaited<ReturnType<typeof serve>>
  let axe: string

  beforeAll(async () => {
    axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
    const site = { app, urls, db, model: {}, commands: { import: importPosts } }
    const stream = new PassThrough().resume()
    const streams = { stdin: stream, stdout: stream, stderr: stream }
    expect(await runCommand(site, ['import', await somePosts()], streams)).toBe(0)
    browser = await launch(executablePath)
    server = await serve(app, { port: 0 })
  }, 60_000)

  afterAll(async () => {
    await browser?.close()
    await server?.close()
    await db.close()
  })

  /** A page for somebody who has logged in, and sees what is there now and not what the cache has. */
  async function open(address: string, options: BrowserContextOptions = {}): Promise<Page> {
    const extraHTTPHeaders = { 'cache-control': 'no-cache' }
    const page = await openAsStranger({ extraHTTPHeaders, ...options })
    await page.context().request.post('/login/', { form: credentials })
    await page.goto(address)
    return page
  }

  /** A page of a browser of its own, which must run no script and report no error. */
  async function openAsStranger(options: BrowserContextOptions = {}): Promise<Page> {
    const context = await browser.newContext({ baseURL: server.url, ...options })
    const page = await context.newPage()
    const wrong: string[] = []
    page.on('dialog', (dialog) => {
      wrong.push(`a dialog: ${dialog.message()}`)
      void dialog.dismiss()
    })
    page.on('pageerror', (error) => wrong.push(String(error)))
    page.on('console', (message) => {
      const isOwn = message.location().url.startsWith(server.url)
      const isRefusal = /status of 4\d\d/.test(message.text())
      if (message.type() === 'error' && isOwn && !isRefusal) wrong.push(message.text())
    })
    onTestFinished(async () => {
      await context.close()
      expect(wrong).toEqual([])
    })
    return page
  }

  it('pages from the newest entry to the oldest, and each entry is seen once', async () => {
    const page = await open('/blog/')
    const seen: string[] = []
    for (;;) {
      seen.push(...(await page.locator('article h2').allTextContents()))
      const older = page.getByRole('link', { name: 'Older' })
      if ((await older.count()) === 0) break
      await older.click()
    }
    const rows = await entry.select().orderBy('published', 'desc').orderBy('id', 'desc')
    expect(rows.length).toBeGreaterThanOrEqual(postCount)
    const oneLine = (text: string) => text.replace(/\s+/g, ' ').trim()
    expect(seen.map(oneLine)).toEqual(rows.map(({ title }) => title))
    await page.getByRole('link', { name: 'Newer' }).click()
    expect(await page.locator('article').count()).toBe(10)
  })

  it('reads the longest entry, which widens no page', async () => {
    const rows = await entry.select()
    const longest = rows.toSorted((a, b) => b.content.length - a.content.length)[0]
    expect(longest?.content.length).toBeGreaterThan(800_000)
    for (const width of [360, 1280]) {
      const page = await open(`/blog/${longest?.id}/`, { viewport: { width, height: 800 } })
      expect(await page.locator('h1').textContent()).toBe(longest?.title)
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
    }
  })

  it('lets a stranger log in, write, edit and log out, without JavaScript', async () => {
    const page = await openAsStranger({ javaScriptEnabled: false })
    await page.goto('/blog/')
    await page.getByRole('link', { name: 'New entry' }).click()
    expect(new URL(page.url()).pathname).toBe('/login/')
    await page.getByLabel('Name').fill(credentials.name)
    await page.getByLabel('Password').fill(credentials.password)
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.waitForURL('**/blog/;create_form')
    await page.getByLabel('Author').fill('Ada')
    await page.getByLabel('Text').fill('Kept *text*')
    await page.getByRole('button', { name: 'Save' }).click()
    expect(await page.locator('#title-error').textContent()).toBe('The title must not be empty.')
    expect(await page.getByLabel('Text').inputValue()).toBe('Kept *text*')

    await page.getByLabel('Title').fill('Written in a browser v1.0')
    await page.getByRole('button', { name: 'Save' }).click()
    expect(new URL(page.url()).pathname).toBe('/blog/written-in-a-browser-v1.0/')
    expect(await page.locator('.prose em').textContent()).toBe('text')

    await page.getByRole('link', { name: 'Edit this entry' }).click()
    await page.getByLabel('Text').fill('Edited')
    await page.getByRole('button', { name: 'Save' }).click()
    expect(await page.locator('.prose').textContent()).toContain('Edited')
    await page.getByRole('link', { name: 'A Robaccia Blog' }).click()
    expect(await page.locator('article h2').first().textContent()).toBe('Written in a browser v1.0')

    await page.getByRole('link', { name: 'New entry' }).click()
    await page.getByRole('link', { name: 'Log out' }).click()
    await page.getByRole('button', { name: 'Log out' }).click()
    await page.waitForURL('**/blog/')
    await page.getByRole('link', { name: 'New entry' }).click()
    expect(new URL(page.url()).pathname).toBe('/login/')
  })

  it('loses nothing that was written while the session ended', async () => {
    const page = await open('/blog/;create_form')
    await page.getByLabel('Title').fill('Written for an hour')
    await page.getByLabel('Address').fill('an-hour')
    await page.getByLabel('Text').fill('Long text')
    await page.context().clearCookies()
    await page.getByRole('button', { name: 'Save' }).click()
    expect(await page.locator('h1').textContent()).toBe('You are not logged in')
    expect(await page.locator('main').textContent()).toContain('your browser still has it')

    await page.context().request.post('/login/', { form: credentials })
    await page.goBack()
    await page.getByRole('button', { name: 'Save' }).click()
    await page.waitForURL('**/blog/an-hour/')
    expect(await page.locator('h1').textContent()).toBe('Written for an hour')
    expect(await page.locator('.prose').textContent()).toContain('Long text')
  })

  it('shows two who edit the same entry both texts', async () => {
    await entry.insert({ id: 'shared', title: 'Shared', content: 'Before' })
    const pages = [await open('/blog/shared/;edit_form'), await open('/blog/shared/;edit_form')]
    const answers: string[] = []
    for (const [index, page] of pages.entries()) {
      await page.getByLabel('Text', { exact: true }).fill(`Text ${index}`)
      await page.getByRole('button', { name: 'Save' }).click()
      answers.push(await page.locator('h1').innerText())
    }
    expect(answers).toEqual(['Shared', 'Edit entry'])
    const [, second] = pages
    expect(await second?.getByLabel('Text', { exact: true }).inputValue()).toBe('Text 1')
    expect(await second?.getByLabel('Their text').inputValue()).toBe('Text 0')
    await second?.locator('.problems:focus').waitFor()
    await second?.getByRole('button', { name: 'Save mine' }).click()
    expect(await second?.locator('.prose').innerText()).toBe('Text 1')
  })

  it('runs no script of an entry, whether in its title, id or content', async () => {
    const script = '<script>window.pwned = true; alert(1)</script>'
    const id = `">${script}`
    const content = `${script}\n\n<img src=x onerror="window.pwned = true">\n\n[x](javascript:pwned=true)`
    await entry.insert({ id, title: script, author: script, content })
    const page = await open('/blog/')
    await page.getByRole('link', { name: script }).click()
    for (const address of ['', ';edit_form']) {
      await page.goto(`/blog/${encodeURIComponent(id)}/${address}`)
      expect(await page.locator('script, img[onerror], a[href^=javascript]').count()).toBe(0)
      expect(await page.evaluate('window.pwned')).toBeUndefined()
    }
    expect(await page.getByLabel('Title').inputValue()).toBe(script)
    await page.goto('/blog/;create_form')
    for (const label of ['Title', 'Address', 'Text']) await page.getByLabel(label).fill(script)
    await page.getByRole('button', { name: 'Save' }).click()
    expect(await page.locator('h1').innerText()).toBe(script)
    expect(await page.evaluate('window.pwned')).toBeUndefined()
    await entry.delete().where({ title: script })
  })

  it('is written in by keyboard alone', async () => {
    const page = await open('/blog/')
    const focused = () => page.evaluate('document.activeElement.textContent')
    await page.keyboard.press('Tab')
    expect(await focused()).toBe('Skip to the text')
    expect(await page.locator('.skip').boundingBox()).toMatchObject({ x: expect.any(Number) })
    expect((await page.locator('.skip').boundingBox())?.x).toBeGreaterThan(0)
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    expect(await focused()).toBe(await page.locator('article h2 a').first().textContent())
    await page.keyboard.press('Shift+Tab')
    expect(await focused()).toBe('New entry')
    await page.keyboard.press('Enter')
    await page.waitForURL('**/;create_form')
    while ((await page.evaluate('document.activeElement.id')) !== 'title')
      await page.keyboard.press('Tab')
    await page.keyboard.type('By keyboard')
    for (let field = 0; field < 3; field++) await page.keyboard.press('Tab')
    await page.keyboard.type('Typed')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.waitForURL('**/blog/by-keyboard/')
    expect(await page.locator('.prose').innerText()).toBe('Typed')
  })

  it('has a feed that a browser’s XML parser takes', async () => {
    const page = await open('/blog/')
    const counted = `fetch('/blog/index.atom').then((response) => response.text()).then((text) => {
      const feed = new DOMParser().parseFromString(text, 'application/xml')
      return [feed.querySelectorAll('parsererror').length, feed.querySelectorAll('entry').length]
    })`
    // The page's own policy forbids the request; this is not the page's.
    const context = await browser.newContext({ bypassCSP: true, baseURL: server.url })
    const free = await context.newPage()
    await free.goto(page.url())
    expect(await free.evaluate(counted)).toEqual([0, 10])
    await context.close()
  })

  describe.each(['light', 'dark'] as const)('in %s colours', (colorScheme) => {
    beforeEach(async () => {
      await entry.delete().where({ id: 'rich' })
      await entry.insert({ id: 'rich', title: 'Rich', author: 'Ada', content: rich, version: 2 })
    })

    async function findings(page: Page): Promise<unknown> {
      await page.evaluate(axe)
      return page.evaluate(
        `axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]))`,
      )
    }

    it.each([
      '/blog/',
      '/blog/rich/',
      '/login/',
      '/logout/',
      '/blog/;create_form',
      '/blog/rich/;edit_form',
      '/nowhere',
    ])('axe finds nothing at %s', async (address) => {
      expect(await findings(await open(address, { colorScheme }))).toEqual([])
      const phone = { colorScheme, viewport: { width: 360, height: 640 } }
      expect(await findings(await open(address, phone))).toEqual([])
    })

    it('axe finds nothing on a page of older entries', async () => {
      const page = await open('/blog/', { colorScheme })
      await page.getByRole('link', { name: 'Older' }).click()
      expect(await page.getByRole('link', { name: 'Newer' }).count()).toBe(1)
      expect(await findings(page)).toEqual([])
    })

    it('axe finds nothing in a form with errors', async () => {
      const page = await open('/blog/;create_form', { colorScheme })
      await page.getByRole('button', { name: 'Save' }).click()
      expect(await page.locator('.error').count()).toBe(2)
      expect(await findings(page)).toEqual([])
    })

    it('axe finds nothing where two texts meet', async () => {
      const page = await open('/blog/rich/;edit_form', { colorScheme })
      await entry.update({ version: 9 }).where({ id: 'rich' })
      await page.getByRole('button', { name: 'Save' }).click()
      expect(await page.locator('#theirs').count()).toBe(1)
      expect(await findings(page)).toEqual([])
    })

    it('axe finds nothing in an empty blog', async () => {
      const rows = await entry.select()
      await entry.delete().all()
      try {
        expect(await findings(await open('/blog/', { colorScheme }))).toEqual([])
      } finally {
        for (const row of rows) await entry.insert(row)
      }
    })
  })
}

const rich = `# Heading

A paragraph with *emphasis*, \`code\` and a [link](https://example.org).

### Lower

> Quoted.

| Package | Version |
| ------- | ------: |
| core    | a cell ${'that is wide '.repeat(30)} |

\`\`\`js
${'const line = 1; '.repeat(30)}
\`\`\`

1. One
   - Two

---

![A picture](data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkM/5TDwADhgGAWjR9awAAAABJRU5ErkJggg==)
`
