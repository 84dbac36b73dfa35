import { describe, expect, it } from 'vitest'
import { parsePost, PostError } from './blog.js'

const bytes = (text: string) => new TextEncoder().encode(text)
const dated = (date: string) =>
  parsePost(bytes(`---\ntitle: T\ndate: ${date}\n---\nText`)).published.toISOString()

describe('parsePost', () => {
  it('reads the front matter and the text below it', () => {
    const text =
      "---\ntitle: 'It: works'\ndate: 2026-11-22T10:00:00.5Z\nauthor: Ada\nslug: works\nlayout: post\n---\n\nText\n\n---\n\nMore\n"
    const post = {
      title: 'It: works',
      author: 'Ada',
      published: new Date('2026-11-22T10:00:00.500Z'),
      slug: 'works',
      content: 'Text\n\n---\n\nMore',
    }
    expect(parsePost(bytes(text))).toEqual(post)
    expect(parsePost(bytes(`\u{feff}${text.replaceAll('\n', '\r\n')}`))).toEqual(post)
  })

  it('takes a number for a title, and needs no author, slug or text', () => {
    expect(parsePost(bytes('---\ntitle: 2026\ndate: 2026-01-01\n---'))).toMatchObject({
      title: '2026',
      author: '',
      slug: '',
      content: '',
    })
  })

  it('reads a date without a time or a zone as UTC', () => {
    expect(dated('2026-11-22')).toBe('2026-11-22T00:00:00.000Z')
    expect(dated('2026-11-22 10:30')).toBe('2026-11-22T10:30:00.000Z')
    expect(dated("'2026-11-22T10:30:15+01:00'")).toBe('2026-11-22T09:30:15.000Z')
    expect(dated('2026-11-22 10:30:15 -0100')).toBe('2026-11-22T11:30:15.000Z')
  })

  it.each([
    ['Text', 'must begin with front matter'],
    ['---\ntitle: T\n', 'must begin with front matter'],
    ['---\n---\nText', 'must have names and values'],
    ['---\n- title\n---\n', 'must have names and values'],
    ['---\ntitle: [\n---\n', 'must have front matter in YAML: YAMLParseError: '],
    ['---\ntitle: a\ntitle: b\n---\n', 'Map keys must be unique at line 3, column 1'],
    ['---\ntitle: "a\n---\n', 'must have front matter in YAML'],
    ['---\ndate: 2026-01-01\n---\n', 'has no title'],
    ['---\ntitle: " "\ndate: 2026-01-01\n---\n', 'has no title'],
    ['---\ntitle: [a, b]\ndate: 2026-01-01\n---\n', 'must have a text as its title'],
    [
      '---\ntitle: T\ndate: 2026-01-01\nauthor: { name: Ada }\n---\n',
      'must have a text as its author',
    ],
    ['---\ntitle: T\n---\n', 'must have a date such as 2026-11-22T10:00:00Z, got none'],
    ['---\ntitle: T\ndate: yesterday\n---\n', 'got yesterday'],
    ['---\ntitle: T\ndate: 2026-02-30\n---\n', 'got 2026-02-30'],
    ['---\ntitle: T\ndate: 0000-01-01\n---\n', 'got 0000-01-01'],
    ['---\ntitle: T\ndate: 9999-12-31T23:59-01:00\n---\n', 'got 9999-12-31T23:59-01:00'],
    ['---\ntitle: T\ndate: 2026-13-01\n---\n', 'got 2026-13-01'],
    ['---\ntitle: T\ndate: 2026-01-01T25:00\n---\n', 'got 2026-01-01T25:00'],
  ])('says what is wrong with %j', (text, reason) => {
    expect(() => parsePost(bytes(text))).toThrow(PostError)
    expect(() => parsePost(bytes(text))).toThrow(reason)
  })

  it('refuses bytes that are not UTF-8', () => {
    expect(() => parsePost(Uint8Array.of(0x2d, 0xff))).toThrow('must be UTF-8')
  })

  it('lets no alias grow without bounds', () => {
    const bomb =
      'a: &a [x, x, x, x, x, x, x, x, x]\n' +
      ['b', 'c', 'd', 'e']
        .map((name, index) => `${name}: &${name} [${`*${'abcd'[index]}, `.repeat(9)}]`)
        .join('\n')
    expect(() => parsePost(bytes(`---\n${bomb}\n---\n`))).toThrow(PostError)
  })
})
