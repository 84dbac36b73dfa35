// The essay's measure of good glue: how much code stands where two parts touch.
import { readdir, readFile } from 'node:fs/promises'
import { mount } from '@robaccia/core'
import { afterEach, describe, expect, it } from 'vitest'
import { addEntries, app, entry, urls, view, writer } from './blog.js'

const source = await readFile(new URL('../../apps/blog/view.ts', import.meta.url), 'utf8')

/** The lines of a view, without what the compiler needs to know. */
function linesOf(name: string): string[] {
  const [, body = ''] =
    new RegExp(`^export const ${name}: [^]*?=>([^]*?)(?:\\n\\n|\\n?$(?![^]))`, 'm').exec(source) ??
    []
  return body.split('\n').map((line) => line.trim())
}

afterEach(async () => {
  await entry.delete().all()
})

describe('the glue', () => {
  it('between the model and the templates is none: a row goes in as it came', async () => {
    await addEntries(3)
    const newestFirst = await entry.select().orderBy('published', 'desc')
    const blog = await writer()
    const vars = async (path: string) => (await blog.get(path)).notes.template?.vars
    expect((await vars('/blog/'))?.rows).toEqual(newestFirst)
    expect((await vars('/blog/index.atom'))?.rows).toEqual(newestFirst)
    expect((await vars('/blog/entry-3/'))?.row).toEqual(newestFirst[0])
    expect((await vars('/blog/entry-3/;edit_form'))?.row).toEqual(newestFirst[0])

    const between = ['list', 'feed', 'memberGet', 'memberEditForm'].flatMap((name) =>
      linesOf(name).filter(
        (line) =>
          /\brows?\b/.test(line) && !/= await|^return render\(|row === undefined/.test(line),
      ),
    )
    expect(between).toEqual([])
    expect(linesOf('memberGet').filter((line) => /\brow\b/.test(line))).toHaveLength(2)
  })

  it('between the views and the selector is none: a view is the app of its route', () => {
    const table = urls.routes().map(({ expression, methods }) => [expression, methods])
    expect(Object.fromEntries(table)).toMatchObject({
      '/blog/': { GET: view.list },
      '/blog/{id:segment}/': { GET: view.memberGet },
      '/blog/;create_form': { GET: view.createForm, POST: view.create },
      '/blog/{id:segment}/;edit_form': { GET: view.memberEditForm, POST: view.memberUpdate },
    })
  })

  it('to get a variable out of a URL is one line', () => {
    const line = "const { id } = environ['router.params']"
    for (const name of ['memberGet', 'memberEditForm', 'memberUpdate']) {
      expect(linesOf(name).filter((each) => /router|params/.test(each))).toEqual([line])
    }
    expect(source.split('router.params')).toHaveLength(4)
  })
})

describe('auth, cache and log', () => {
  const own = new URL('../../apps/blog/', import.meta.url)
  const packages = /'@robaccia\/(?:auth|cache|log)'/
  /** What they are called in the blog, and what the blog makes of them. */
  const names =
    /\b(?:allow|basic|cache|cached|log|login|logout|metrics|owner|pages|redis|secret|sessions|writer)\b/
  /** Lines that would be there without them, where something is wrapped or named beside what was there. */
  const wrapped =
    /^export const (?:createForm|create|memberEditForm|memberUpdate)\b|^\)\(mount\(|^import \{ .* \} from '\.\/s|^ {2}commands: |^ {2}deploy: |\) Cancel\]/

  it('are twelve lines of the blog', async () => {
    const files = (await readdir(own, { recursive: true, withFileTypes: true })).filter(
      ({ name, parentPath }) =>
        /\.(?:ts|pug)$/.test(name) && !/node_modules|migrations/.test(parentPath),
    )
    const added = await Promise.all(
      files.map(async ({ name, parentPath }) => {
        const lines = (await readFile(`${parentPath}/${name}`, 'utf8')).split('\n')
        const known = name.endsWith('.pug') ? /\/log(?:in|out)\b/ : names
        return lines
          .filter((line) => !/^ *(?:\/\/|\/?\*)/.test(line))
          .filter((line) => packages.test(line) || known.test(line.replaceAll(/'[^'/]*'/g, "''")))
          .filter((line) => !wrapped.test(line))
      }),
    )
    const lines = added.flat()
    expect(lines.filter((line) => packages.test(line))).toHaveLength(4)
    expect(lines.length, lines.join('\n')).toBeLessThanOrEqual(12)
  })
})

describe('the blog under /x/y', () => {
  it('links only to what is there', async () => {
    await addEntries(25)
    await entry.insert({ id: '"<&>/?#;', title: 'Odd', content: 'x' })
    const site = await writer(mount({ '/x/y': app }), '/x/y')
    const seen = new Set(['/x/y/blog/'])
    for (const path of seen) {
      const { status, text, header } = await site.get(path, { follow: true })
      expect([path, status]).toEqual([path, 200])
      if (!header('content-type')?.startsWith('text/html')) continue
      for (const [, link = ''] of text.matchAll(/ (?:href|src|action)="([^"]*)"/g)) {
        const { origin, pathname, search } = new URL(
          link.replaceAll('&amp;', '&'),
          `http://localhost${path}`,
        )
        if (origin === 'http://localhost') seen.add(`${pathname}${search}`)
      }
    }
    const paths = [...seen]
    expect(paths.filter((path) => !path.startsWith('/x/y/'))).toEqual([])
    expect(paths.filter((path) => path.endsWith(';edit_form'))).toHaveLength(26)
    expect(paths.filter((path) => path.startsWith('/x/y/blog/?after='))).toHaveLength(4)
    expect(paths).toContain('/x/y/static/style.css')
  })

  it('goes to the right places after a form, from its root and on an error', async () => {
    const site = await writer(mount({ '/x/y': app }), '/x/y')
    const form = { title: 'New', content: 'x', version: '1' }
    const location = async (path: string) => (await site.post(path, { form })).header('location')
    expect(await location('/x/y/blog/;create_form')).toBe('/x/y/blog/new/')
    expect(await location('/x/y/blog/new/;edit_form')).toBe('/x/y/blog/new/')
    expect((await site.get('/x/y/')).header('location')).toBe('/x/y/blog/')
    expect((await site.get('/x/y/nowhere')).text).toContain(
      '<a href="/x/y/blog/">To all entries</a>',
    )
    expect((await site.get('/x/y/static/none')).text).toContain('href="/x/y/static/style.css"')
  })
})
