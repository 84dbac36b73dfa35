// `manage dev` as whoever edits sees it: in a browser that follows, under a policy that allows no scripts.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest'
import { launch } from '../blog/chromium.js'
import { startDev } from './dev-app.js'
import type { DevApp } from './dev-app.js'

const { chromium = '' } = inject('services')

describe.runIf(chromium)('a browser under manage dev', { timeout: 60_000 }, () => {
  let browser: Browser
  let app: DevApp
  const leave: (() => Promise<void>)[] = []

  beforeAll(async () => {
    browser = await launch(chromium)
    app = await startDev({ leave: (fn) => leave.push(fn) })
    await app.page('/')
  }, 60_000)
  afterAll(async () => {
    await browser?.close()
    await Promise.all(leave.map((fn) => fn()))
  })

  /** A page in a browser of its own, which must not report that anything is forbidden. */
  async function open(path: string, options: object = {}): Promise<Page> {
    const context = await browser.newContext({ baseURL: app.url, ...options })
    const page = await context.newPage()
    const wrong: string[] = []
    page.on('pageerror', (error) => wrong.push(String(error)))
    page.on('console', (message) => {
      if (/Content Security Policy/.test(message.text())) wrong.push(message.text())
    })
    onTestFinished(async () => {
      await context.close()
      expect(wrong).toEqual([])
    })
    await page.goto(path)
    return page
  }

  /** Marks the page, so that one that was loaded anew can be told from it. */
  const mark = (page: Page): Promise<unknown> => page.evaluate('window.marked = true')
  const isMarked = (page: Page): Promise<unknown> => page.evaluate('window.marked === true')
  const heading = (page: Page) => expect.poll(() => page.locator('h1').textContent())
  const colour = (page: Page) =>
    expect.poll(() => page.evaluate("getComputedStyle(document.querySelector('h1')).color"))

  it('shows an edited template', async () => {
    const page = await open('/')
    await heading(page).toBe('first heading')
    await app.edit('templates/page.html.pug', 'first heading', 'second heading')
    await heading(page).toBe('second heading')
  })

  it('swaps an edited style sheet, and the page stays', async () => {
    const page = await open('/')
    await colour(page).toBe('rgb(1, 1, 1)')
    await mark(page)
    for (const shade of ['2, 2, 2', '3, 3, 3']) {
      await app.edit('public/static/style.css', /\d, \d, \d/, shade)
      await colour(page).toBe(`rgb(${shade})`)
    }
    expect(await isMarked(page)).toBe(true)
    await expect.poll(() => page.locator('link').count()).toBe(1)
  })

  it('leaves no trace in the document', async () => {
    const page = await open('/')
    await page.waitForLoadState('networkidle')
    expect(await page.locator('script').count()).toBe(0)
    expect(await page.evaluate('[document.compatMode, document.documentElement.lang]')).toEqual([
      'CSS1Compat',
      'en',
    ])
  })

  it('shows edited code, an error of it, and its mending', async () => {
    const page = await open('/')
    const text = () => expect.poll(() => page.locator('body').innerText(), { timeout: 20_000 })
    await app.edit('words.ts', 'first words', 'second words')
    await text().toContain('second words')
    await app.edit('words.ts', "'second words'", "'second words' +")
    await text().toContain('The application does not run')
    await text().toContain('Unexpected end of file')
    await app.edit('words.ts', "'second words' +", "'third words'")
    await text().toContain('third words')
    await app.edit('templates/page.html.pug', 'p= words', 'p= missing.words')
    await text().toContain('missing is undefined')
    await app.edit('templates/page.html.pug', 'p= missing.words', 'p= words')
    await text().toContain('third words')
  })

  it('does not send a form again', async () => {
    const page = await open('/')
    await page.getByRole('button').click()
    await mark(page)
    await app.edit('templates/page.html.pug', /\w+ heading/, 'fourth heading')
    await expect.poll(() => page.title()).toBe('\u21bb Page')
    expect(await isMarked(page)).toBe(true)
  })

  it('follows in more tabs than a browser has connections', async () => {
    const page = await open('/')
    const others = await Promise.all(Array.from({ length: 8 }, () => page.context().newPage()))
    for (const other of others) {
      await other.goto('/')
      // No browser without a screen hides a page.
      await other.evaluate(`Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true });
        document.dispatchEvent(new Event('visibilitychange'))`)
    }
    const last = others.at(-1)
    await app.edit('templates/page.html.pug', /\w+ heading/, 'fifth heading')
    await heading(page).toBe('fifth heading')
    expect(await last?.locator('h1').textContent()).toBe('fourth heading')
    await last?.evaluate(`Object.defineProperty(document, 'visibilityState', { value: 'visible', configurable: true });
        document.dispatchEvent(new Event('visibilitychange'))`)
    await expect.poll(() => last?.locator('h1').textContent()).toBe('fifth heading')
  })

  it.each([
    ['light', 1280],
    ['dark', 1280],
    ['light', 390],
    ['dark', 390],
  ] as const)(
    'shows an error so that people can read it: %s, %i wide',
    async (colorScheme, width) => {
      const page = await open('/fail?token=x', { colorScheme, viewport: { width, height: 800 } })
      expect(await page.locator('h1').innerText()).toBe('Internal Server Error')
      expect(await page.locator('body').innerText()).toContain(
        'boom </title><script>alert(1)</script>',
      )
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
      expect(await page.locator('html').getAttribute('class')).toBe(colorScheme)
      // What the page's own buttons do, its policy allows.
      await page.locator('#copy-error-btn').click()
      await expect.poll(() => page.locator('#copy-error-btn').getAttribute('class')).toBe('copied')
      if (process.env.SCREENSHOTS !== undefined) {
        const path = `${process.env.SCREENSHOTS}/error-${colorScheme}-${width}.png`
        await page.screenshot({ path, fullPage: true })
      }
    },
  )
})
