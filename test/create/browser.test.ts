// The pages of a new app in a browser without JavaScript: what they do, and that everybody can use them.
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { serve } from '@robaccia/core'
import type { App } from '@robaccia/core'
import type { Database } from '@robaccia/db'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished, vi } from 'vitest'
import { launch } from '../blog/chromium.js'

const { chromium = '' } = inject('services')

describe.runIf(chromium)('a new app in a browser', { timeout: 60_000 }, () => inBrowser(chromium))

/** A module of the template, whose imports end in .ts: this folder's TypeScript doesn't take those. */
function template(file: string): Promise<unknown> {
  return import(new URL(`../../packages/create-robaccia/template/${file}`, import.meta.url).href)
}

function inBrowser(executablePath: string): void {
  let browser: Browser
  let server: Awaited<ReturnType<typeof serve>>
  let db: Database
  let axe: string

  beforeAll(async () => {
    vi.stubEnv('DATABASE_URL', 'sqlite::memory:')
    vi.stubEnv('LOG_LEVEL', 'error')
    ;({ db } = (await template('dbconfig.ts')) as { db: Database })
    const { app } = (await template('site.ts')) as { app: App }
    await db.create()
    axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
    browser = await launch(executablePath)
    server = await serve(app, { port: 0 })
  }, 60_000)

  afterAll(async () => {
    await browser?.close()
    await server?.close()
    await db?.close()
  })

  async function open(address: string, options: BrowserContextOptions = {}): Promise<Page> {
    const context = await browser.newContext({ baseURL: server.url, ...options })
    onTestFinished(() => context.close())
    const page = await context.newPage()
    await page.goto(address)
    return page
  }

  async function write(page: Page, title: string, content: string): Promise<void> {
    await page.goto('/')
    await page.getByLabel('Title').fill(title)
    await page.getByLabel('Text').fill(content)
    await page.getByRole('button', { name: 'Save' }).click()
  }

  it('writes, corrects, reads and deletes a note', async () => {
    const page = await open('/', { javaScriptEnabled: false })
    await write(page, '', 'Two\nlines')
    expect(await page.locator('#title-error').innerText()).toBe('The title must not be empty.')
    expect(await page.getByLabel('Text').inputValue()).toBe('Two\nlines')
    await page.getByLabel('Title').fill('<b>Corrected</b>')
    await page.getByRole('button', { name: 'Save' }).click()
    expect(await page.locator('h1').innerText()).toBe('<b>Corrected</b>')
    expect(await page.locator('.content').innerText()).toBe('Two\nlines')
    await page.getByRole('link', { name: 'Notes' }).click()
    await page.getByRole('link', { name: '<b>Corrected</b>' }).click()
    await page.getByRole('button', { name: 'Delete' }).click()
    expect(await page.locator('.empty').innerText()).toBe('Nothing is written here yet.')
  })

  it.each(['light', 'dark'] as const)('has nothing that axe finds in %s', async (colorScheme) => {
    const page = await open('/', { colorScheme })
    async function look(what: string): Promise<void> {
      await page.evaluate(axe)
      const { violations } = await page.evaluate<{ violations: { id: string }[] }>('axe.run()')
      expect(
        violations.map(({ id }) => id),
        what,
      ).toEqual([])
    }
    await look('an empty list')
    await write(page, '', '')
    await look('a form with problems')
    await write(page, 'A note', 'Its text')
    await look('a note')
    await page.goto('/')
    await look('the list')
    await page.goto('/nowhere/')
    await look('an error')
    await page.goBack()
    await page.getByRole('link', { name: 'A note' }).click()
    await page.getByRole('button', { name: 'Delete' }).click()
  })

  it('is not widened by a word that never ends', async () => {
    const page = await open('/', { viewport: { width: 320, height: 600 } })
    await write(page, 'o'.repeat(100), 'x'.repeat(1000))
    for (const address of [page.url(), '/']) {
      await page.goto(address)
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320)
    }
  })
}
