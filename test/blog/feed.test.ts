// The feed against RFC 4287's rules for feeds (§4.1.1) and entries (§4.1.2).
import { mount } from '@robaccia/core'
import { client } from '@robaccia/core/testing'
import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { afterEach, describe, expect, it } from 'vitest'
import { addEntries, app, entry, reader } from './blog.js'

interface Element {
  readonly [name: string]: unknown
}

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  isArray: (name) => name === 'entry' || name === 'link',
  parseTagValue: false,
})

/** The one element in a document. */
function feedIn(xml: string): Element {
  expect(XMLValidator.validate(xml)).toBe(true)
  // The parser's types know nothing of what is in a document.
  return (parser.parse(xml) as { feed: Element }).feed
}
const list = (element: unknown) => (element ?? []) as readonly Element[]
const link = (element: Element, rel: string) =>
  list(element.link).filter((each) => each['@rel'] === rel)

const blog = reader()
const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

afterEach(async () => {
  await entry.delete().all()
})

describe('feed', () => {
  it('has what a feed must have, even when it is empty', async () => {
    const { status, header, text } = await blog.get('/blog/index.atom')
    expect(status).toBe(200)
    expect(header('content-type')).toBe('application/atom+xml; charset=utf-8')
    const feed = feedIn(text)
    expect(feed['@xmlns']).toBe('http://www.w3.org/2005/Atom')
    expect(feed).toMatchObject({
      title: 'A Robaccia Blog',
      id: 'tag:localhost,2006:blog/',
      updated: '1970-01-01T00:00:00.000Z',
      author: { name: 'A Robaccia Blog' },
    })
    expect(list(feed.entry)).toEqual([])
  })

  it('has what each entry must have, newest first, at most ten', async () => {
    await addEntries(12)
    await entry.update({ updated: new Date('2026-06-01'), author: 'Ada' }).where({ id: 'entry-5' })
    const feed = feedIn((await blog.get('/blog/index.atom')).text)
    const entries = list(feed.entry)
    expect(entries.map(({ title }) => title)).toEqual(
      Array.from({ length: 10 }, (_, index) => `Entry ${12 - index}`),
    )
    for (const each of entries) {
      expect(each.id).toMatch(/^tag:localhost,2006:blog\/entry-\d+$/)
      expect(each.updated).toMatch(rfc3339)
      expect(each.published).toMatch(rfc3339)
      expect(link(each, 'alternate')).toHaveLength(1)
      expect(each.content).toMatchObject({ '@type': 'html' })
    }
    expect(new Set(entries.map(({ id }) => id)).size).toBe(10)
    const changed = entries.find(({ id }) => String(id).endsWith('entry-5'))
    expect(changed).toMatchObject({ updated: '2026-06-01T00:00:00.000Z', author: { name: 'Ada' } })
    const latest = entries
      .map(({ updated }) => String(updated))
      .toSorted()
      .at(-1)
    expect(feed.updated).toBe(latest)
  })

  it('names itself and the pages by whole URLs, wherever it is mounted', async () => {
    await addEntries(1)
    const mounted = client(mount({ '/x/y': app }), {
      headers: { host: 'localhost:8080', 'cache-control': 'no-cache' },
    })
    const feed = feedIn((await mounted.get('/x/y/blog/index.atom')).text)
    const base = 'http://localhost:8080/x/y/blog/'
    expect(link(feed, 'self')).toEqual([
      { '@rel': 'self', '@type': 'application/atom+xml', '@href': `${base}index.atom` },
    ])
    expect(link(feed, 'alternate')[0]).toMatchObject({ '@type': 'text/html', '@href': base })
    const [first = {}] = list(feed.entry)
    expect(link(first, 'alternate')[0]?.['@href']).toBe(`${base}entry-1/`)
    expect(first['@xml:base']).toBe(`${base}entry-1/`)
    expect(first.id).toBe('tag:localhost,2006:blog/entry-1')
  })

  it('escapes the HTML of an entry once', async () => {
    await entry.insert({ id: 'e', title: 'a < b & "c"', content: '*a* < b &amp; `]]>`' })
    const [first = {}] = list(feedIn((await blog.get('/blog/index.atom')).text).entry)
    expect(first.title).toBe('a < b & "c"')
    expect(first.content).toMatchObject({
      '#text': '<p><em>a</em> &lt; b &amp; <code>]]&gt;</code></p>',
    })
  })

  it('leaves out the characters that XML can’t hold', async () => {
    const odd = 'a\u0008\u000b\u001f\ufffe\uffff\t😀b'
    await entry.insert({ id: odd, title: odd, author: odd, content: odd })
    const { text } = await blog.get('/blog/index.atom')
    expect(text).not.toMatch(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u)
    const [first = {}] = list(feedIn(text).entry)
    expect(first.title).toBe('a\t😀b')
    expect(first.author).toEqual({ name: 'a\t😀b' })
  })

  it('is announced on every page', async () => {
    const announced =
      '<link rel="alternate" type="application/atom+xml" title="A Robaccia Blog" href="/blog/index.atom">'
    expect((await blog.get('/blog/')).text).toContain(announced)
  })
})
