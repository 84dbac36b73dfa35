// The plain pages as people have them: in a browser, by keyboard alone, without JavaScript, in light and dark.
import { allow, login, logout, passwords, sessions } from '@robaccia/auth'
import { compose, errors, html, mount, sameOrigin, securityHeaders, serve } from '@robaccia/core'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest'
import { launch } from '../blog/chromium.js'
import { secret } from './site.js'

const { chromium = '' } = inject('services')

describe.runIf(chromium)('the plain pages in a browser', { timeout: 60_000 }, () => {
  let browser: Browser
  let server: Awaited<ReturnType<typeof serve>>
  let axe: string

  beforeAll(async () => {
    axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
    const { hash, verify } = passwords()
    const kept = await hash('swordfish')
    const site = compose(
      securityHeaders(),
      errors(),
      sessions({ secret, login: '/login/' }),
      sameOrigin(),
    )(
      mount({
        '/login': login({
          verify: async (name, password) =>
            (await verify(password, name === 'joe' ? kept : undefined)) ? { name } : undefined,
        }),
        '/logout': logout(),
        '/': allow()((environ, startResponse) =>
          html(
            environ,
            startResponse,
            `<title>Home</title><p>Hello, ${environ['auth.user']?.name}!</p><p>${environ.PATH_INFO}</p>`,
          ),
        ),
      }),
    )
    browser = await launch(chromium)
    server = await serve(site, { port: 0 })
  }, 60_000)

  afterAll(async () => {
    await browser?.close()
    await server?.close()
  })

  async function open(address: string, options: BrowserContextOptions = {}): Promise<Page> {
    const context = await browser.newContext({ baseURL: server.url, ...options })
    const page = await context.newPage()
    const wrong: string[] = []
    page.on('console', (message) => {
      const isRefusal = /status of 4\d\d/.test(message.text())
      if (message.type() === 'error' && !isRefusal) wrong.push(message.text())
    })
    onTestFinished(async () => {
      await context.close()
      expect(wrong).toEqual([])
    })
    await page.goto(address)
    return page
  }

  test('log in and out by keyboard alone, without JavaScript', async () => {
    const page = await open('/notes/?q=1', { javaScriptEnabled: false })
    expect(new URL(page.url()).pathname).toBe('/login/')
    // The name has the focus.
    await page.locator('#name:focus').waitFor()
    await page.keyboard.type('joe')
    await page.keyboard.press('Tab')
    await page.keyboard.type('sword')
    await page.keyboard.press('Enter')
    await page.getByRole('alert').waitFor()
    expect(await page.getByLabel('Name').inputValue()).toBe('joe')
    expect(await page.getByLabel('Password').inputValue()).toBe('')
    // Now the password has.
    await page.locator('#password:focus').waitFor()
    await page.keyboard.type('swordfish')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.getByText('Hello, joe!').waitFor()
    expect(page.url()).toBe(`${server.url}/notes/?q=1`)
    const [cookie] = await page.context().cookies()
    expect(cookie).toMatchObject({ name: 'session', httpOnly: true, sameSite: 'Lax', expires: -1 })

    await page.goto('/logout/')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.getByLabel('Name').waitFor()
    expect(await page.context().cookies()).toEqual([])
  })

  test.each(['light', 'dark'] as const)(
    'have nothing that axe finds in %s',
    async (colorScheme) => {
      const page = await open('/login/', { colorScheme, viewport: { width: 360, height: 640 } })
      const shown = await page.evaluate(
        () => getComputedStyle(document.querySelector('button') ?? document.body).backgroundColor,
      )
      expect(shown).toBe({ light: 'rgb(0, 0, 0)', dark: 'rgb(255, 255, 255)' }[colorScheme])
      await page.getByLabel('Name').fill('joe')
      await page.getByLabel('Password').fill('wrong')
      await page.getByRole('button').click()
      await page.getByRole('alert').waitFor()
      for (const address of [undefined, '/logout/']) {
        if (address !== undefined) await page.goto(address)
        // The page's policy lets no script in; the browser's own debugger may.
        await page.evaluate(axe)
        const found = await page.evaluate(
          'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + " " + nodes[0].html))',
        )
        expect(found).toEqual([])
        const width = await page.evaluate(() => document.documentElement.scrollWidth)
        expect(width).toBeLessThanOrEqual(360)
      }
    },
  )
})
