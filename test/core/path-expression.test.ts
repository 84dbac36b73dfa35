import { describe, expect, test } from 'vitest'
import { selector } from '@robaccia/core'
import type { SelectorOptions } from '@robaccia/core'
import { client } from '@robaccia/core/testing'
import { show } from './show.js'

/** The variables that an expression finds in a path; its status if it does not match. */
async function read(expression: string, path: string, options: SelectorOptions = {}) {
  const urls = selector(options).add(expression, { GET: show('view') })
  const response = await client(urls).get(path)
  return response.status === 200
    ? (response.json() as { params: Record<string, string> }).params
    : response.status
}

/** The message of the error with which an expression is refused. */
function refusal(expression: string, options: SelectorOptions = {}): string {
  try {
    selector(options).add(expression, { GET: show('view') })
  } catch (error) {
    expect(error).toBeInstanceOf(TypeError)
    return (error as Error).message
  }
  return ''
}

describe('a literal', () => {
  test.each([
    ['/blog/', '/blog/', {}],
    ['/blog/', '/blog', 404],
    ['/blog/', '/blog/x', 404],
    ['/blog/', '/BLOG/', 404],
    ['/a.b', '/axb', 404],
    ['/a+(b)*$', '/a+(b)*$', {}],
    ['/café/', '/caf%C3%A9/', {}],
    ['/caf%c3%a9/', '/caf%C3%A9/', {}],
    ['/a b', '/a%20b', {}],
    ['/a%2Fb', '/a%2fb', {}],
    ['/a%2Fb', '/a/b', 404],
    ['/a/b', '/a%2Fb', 404],
    ['/;x', '/%3Bx', 404],
    ['/%3Bx', '/%3bx', {}],
    ['/%3Bx', '/;x', 404],
    ['/%7Bx%7D', '/%7Bx%7D', {}],
    ['/100%25', '/100%25', {}],
  ])('%s has the path %s: %j', async (expression, path, expected) => {
    expect(await read(expression, path)).toEqual(expected)
  })

  test.each(['/%62log/', '/b%6Cog/', '/%62%6c%6F%67/', '/blog%2F/', '/bl%6Fg%2f/'])(
    'is found whatever unreserved characters are escaped: %s',
    async (path) => {
      expect(await read('/blog/', path)).toEqual(/%2f/i.test(path) ? 404 : {})
    },
  )

  test.each(['/%zz', '/%', '/%F', '/%FF', '/%C3', '/%C3%2F', '/%ED%A0%80'])(
    'is not compared with a malformed escape, that is 400: %s',
    async (path) => {
      const response = await client(selector().add('/{x:any}', { GET: show('view') })).get(path)
      expect(response.status).toBe(400)
      expect(response.text).toContain('the path must be percent-encoded UTF-8')
    },
  )
})

describe('a variable', () => {
  test.each([
    ['/{x}', '/joe', { x: 'joe' }],
    ['/{x}', '/joe.txt', 404],
    ['/{x}', '/joe%2Etxt', 404],
    ['/{x}', '/', 404],
    ['/{x}', '/a/b', 404],
    ['/{x}', '/a%2Fb', 404],
    ['/{x}', '/a%20b%3B', { x: 'a b;' }],
    ['/{x}', '/%F0%9F%90%80', { x: '🐀' }],
    ['/{x:chunk}', '/joe', { x: 'joe' }],
    ['/{x:word}', '/a_1', { x: 'a_1' }],
    ['/{x:word}', '/%61_1', { x: 'a_1' }],
    ['/{x:word}', '/a-1', 404],
    ['/{x:word}', '/caf%C3%A9', 404],
    ['/{x:alpha}', '/aZ', { x: 'aZ' }],
    ['/{x:alpha}', '/a1', 404],
    ['/{x:digits}', '/007', { x: '007' }],
    ['/{x:digits}', '/%30%307', { x: '007' }],
    ['/{x:digits}', '/7a', 404],
    ['/{x:digits}', '/%D9%A7', 404],
    ['/{x:number}', '/1.5', { x: '1.5' }],
    ['/{x:number}', '/.5', { x: '.5' }],
    ['/{x:number}', '/15', { x: '15' }],
    ['/{x:number}', '/1.', 404],
    ['/{x:number}', '/1.2.3', 404],
    ['/{x:segment}', '/a.b', { x: 'a.b' }],
    ['/{x:segment}', '/a%2fb', { x: 'a/b' }],
    ['/{x:segment}', '/a/b', 404],
    ['/{x:any}', '/a/b.c%2Fd', { x: 'a/b.c/d' }],
    ['/x{x:any}', '/x/', { x: '/' }],
    ['/{}/{:digits}', '/a/7', { 0: 'a', 1: '7' }],
    ['/{}/{id}/{}', '/a/b/c', { 0: 'a', id: 'b', 1: 'c' }],
    ['/{slug}-{id:digits}', '/a-fine-title-42', { slug: 'a-fine-title', id: '42' }],
    ['/{name}.{extension}', '/list.atom', { name: 'list', extension: 'atom' }],
    ['/{a}-{b}', '/x-y-z', { a: 'x-y', b: 'z' }],
    ['/{a:alpha}{n:digits}', '/ab12', { a: 'ab', n: '12' }],
    ['/{a}{b}', '/%C3%A9', 404],
    ['/{a}{b}', '/%C3%A9%C3%A8', { a: 'é', b: 'è' }],
  ])('%s has the path %s: %j', async (expression, path, expected) => {
    expect(await read(expression, path)).toEqual(expected)
  })

  test.each(['__proto__', 'constructor', 'toString'])('may be named %s', async (name) => {
    const urls = selector().add(`/{${name}}`, { GET: show('view') })
    const { text } = await client(urls).get('/x')
    expect(text).toContain(`"params":{"${name}":"x"}`)
    expect(Object.prototype).not.toHaveProperty('x')
  })
})

describe('a type of the user', () => {
  const types = {
    year: /[12]\d{3}/,
    tag: '[a-z+#]+',
    letters: /\p{L}+/u,
    path: '[a-z]+(?:/[a-z]+)*',
  }

  test.each([
    ['/{x:year}', '/2026', { x: '2026' }],
    ['/{x:year}', '/%32026', { x: '2026' }],
    ['/{x:year}', '/3026', 404],
    ['/{x:year}', '/20260', 404],
    ['/{x:year}-{y:year}', '/2026-1999', { x: '2026', y: '1999' }],
    ['/{x:tag}', '/c%2B%2b', { x: 'c++' }],
    ['/{x:tag}', '/c++', { x: 'c++' }],
    ['/{x:tag}', '/c%2C', 404],
    ['/{x:letters}', '/%C3%A9t%C3%A9', { x: 'été' }],
    ['/{x:letters}', '/%C3%A9t%C3%A91', 404],
    ['/{x:path}', '/a/b', { x: 'a/b' }],
    ['/{x:path}', '/a%2Fb', 404],
  ])('%s has the path %s: %j', async (expression, path, expected) => {
    expect(await read(expression, path, { types })).toEqual(expected)
  })

  test('leaves a value that it does not accept to the next route', async () => {
    const urls = selector({ types })
      .add('/{x:tag}', { GET: show('tag') })
      .add('/{x}', { GET: show('chunk') })
    expect((await client(urls).get('/c%2B')).json()).toMatchObject({ view: 'tag' })
    expect((await client(urls).get('/c%2C')).json()).toMatchObject({ view: 'chunk' })
  })

  test.each([
    [{ digits: /x/ }, "type 'digits' must not redefine a built-in type"],
    [{ 'a-b': /x/ }, "a type's name must be letters, digits and _, got 'a-b'"],
    [{ a: /x/i }, "type 'a' must have no flag but u, got /x/i"],
    [{ a: /(x)/ }, "type 'a' must group by (?:…), not by (…), got (x)"],
    [{ a: /^x$/ }, "type 'a' must not be anchored: it is the whole value, got ^x$"],
    [{ a: '[' }, "type 'a' must be a pattern with the u flag, got ["],
    [{ a: 'x*' }, "type 'a' must not match '', got x*"],
  ])('is refused: %o', (bad, message) => {
    expect(() => selector({ types: bad })).toThrow(new TypeError(message))
  })
})

describe('an optional group', () => {
  test.each([
    ['/blog[/]', '/blog', {}],
    ['/blog[/]', '/blog/', {}],
    ['/blog[/]', '/blog//', 404],
    ['/[{lang}/]about', '/about', {}],
    ['/[{lang}/]about', '/en/about', { lang: 'en' }],
    ['[/{lang:alpha}]/about', '/about', {}],
    ['[/{lang:alpha}]/about', '/en/about', { lang: 'en' }],
    ['/{y}[/{m}[/{d}]]', '/2026', { y: '2026' }],
    ['/{y}[/{m}[/{d}]]', '/2026/11', { y: '2026', m: '11' }],
    ['/{y}[/{m}[/{d}]]', '/2026/11/22', { y: '2026', m: '11', d: '22' }],
    ['/{y}[/{m}[/{d}]]', '/2026/11/22/', 404],
    ['/people/[{id}][;{noun}]', '/people/', {}],
    ['/people/[{id}][;{noun}]', '/people/joe', { id: 'joe' }],
    ['/people/[{id}][;{noun}]', '/people/;create_form', { noun: 'create_form' }],
    ['/people/[{id}][;{noun}]', '/people/joe;edit', { id: 'joe', noun: 'edit' }],
    ['/people/[{id}][;{noun}]', '/people/joe%3Bedit', { id: 'joe;edit' }],
    ['/people/[{id}][;{noun}]', '/people/joe;', 404],
    ['/{id}[-draft]', '/my-post', { id: 'my-post' }],
    ['/{id}[-draft]', '/my-post-draft', { id: 'my-post' }],
    ['/{id}[;{a}][,{b}]', '/x,y', { id: 'x', b: 'y' }],
    ['/{id}[[;{a}],{b}]', '/x,y', { id: 'x', b: 'y' }],
    ['/{file}[.{format}]', '/a.atom', { file: 'a', format: 'atom' }],
  ])('%s has the path %s: %j', async (expression, path, expected) => {
    expect(await read(expression, path)).toEqual(expected)
  })
})

describe('an open end', () => {
  const at = async (expression: string, path: string) => {
    const urls = selector().add(expression, { '*': show('view') })
    const response = await client(urls, { environ: { SCRIPT_NAME: '/s' } }).get(path)
    return response.status === 200 ? response.json() : response.status
  }

  test.each([
    ['/blog|', '/blog', '/s/blog', ''],
    ['/blog|', '/blog/', '/s/blog', '/'],
    ['/blog|', '/blog/a/b', '/s/blog', '/a/b'],
    ['/blog|', '/%62log/%61', '/s/%62log', '/%61'],
    ['/{x}|', '/caf%C3%A9/b', '/s/caf%C3%A9', '/b'],
    ['/{x:segment}|', '/a%2Fb/c', '/s/a%2Fb', '/c'],
    ['/blog/|', '/blog/a', '/s/blog', '/a'],
    ['/a[/b]|', '/a/b/c', '/s/a/b', '/c'],
    ['/a[/b]|', '/a/x', '/s/a', '/x'],
    ['|', '/a/b', '/s', '/a/b'],
  ])(
    '%s moves what matched of %s to SCRIPT_NAME: %s, %s',
    async (expression, path, script, rest) => {
      expect(await at(expression, path)).toMatchObject({ script, path: rest })
    },
  )

  test.each([
    ['/blog|', '/blogger'],
    ['/blog|', '/blog.html'],
    ['/blog|', '/blog%2Fa'],
    ['/blog/|', '/blog'],
    ['/{x:digits}|', '/7a/b'],
  ])('%s stops at the edge of a segment: not %s', async (expression, path) => {
    expect(await at(expression, path)).toBe(404)
  })
})

describe('a mistake in an expression', () => {
  test.each([
    ['', 1, "must begin with '/'"],
    ['blog/', 1, "must begin with '/'"],
    ['[blog]', 1, "must begin with '/'"],
    ['[/a]b', 1, "must begin with '/', also without what is optional"],
    ['{x}', 1, "must begin with '/'"],
    ['/blog/{id', 7, "must close this '{'"],
    ['/blog/id}', 9, "must open a '{' before this '}'"],
    ['/blog/[{id}', 7, "must close this '['"],
    ['/blog/{id}]', 11, "must open a '[' before this ']'"],
    ['/a[]', 3, "must have something in this '[]'"],
    ['/{id}/{id}', 7, "must name each variable once, has two 'id'"],
    ['/{id}[/{id}]', 8, "must name each variable once, has two 'id'"],
    ['/a|b', 3, "must have '|' at its end only"],
    ['/a||', 3, "must have '|' at its end only"],
    ['/[a|]', 4, "must have '|' at its end only"],
    ['/a?b', 3, 'must be a path without a query'],
    ['/a#b', 3, 'must be a path without a fragment'],
    ['/{a b}', 2, 'must have {name}, {name:type}, {} or {:type}'],
    ['/{1}', 2, 'must have {name}'],
    ['/{a:b:c}', 2, 'must have {name}'],
    ['/{{a}}', 2, 'must have {name}'],
    [
      '/{id:digit}',
      2,
      'must have one of the types word, alpha, digits, number, chunk, segment, any, year',
    ],
    ['/{id:}', 2, 'must have one of the types'],
    ['/{id:toString}', 2, 'must have one of the types'],
    ['/%zz', 1, 'must have well-formed text and percent-escapes in UTF-8'],
    ['/[a][b][c][d][e][f][g][h][i]', 26, "must have at most 8 '[…]'"],
    ['/{a}-{b}-{c}-{d}', 14, "must keep variables apart, by a '/' or by narrower types"],
  ])('%s is refused at column %i: %s', (expression, column, rule) => {
    const message = refusal(expression, { types: { year: /\d{4}/ } })
    expect(message).toContain(`path expression '${expression}' ${rule}`)
    expect(message).toContain(`at column ${column}\n  ${expression}\n  ${' '.repeat(column - 1)}^`)
  })

  test('is refused if it is no string at all', () => {
    // @ts-expect-error: not a string
    expect(() => selector().add(7, { GET: show('view') })).toThrow(
      new TypeError('a path expression must be a string, got number'),
    )
  })
})

describe('a hostile path', () => {
  const expressions =
    `/{a}{b}{c} /{a}-{b}-{c} /{a:any}/{b:any}/{c:any}x /{n:number}{m:number}x /{n:number}x
    /[{a}[{b}[{c}]]] /{a}[-{b}][-{c}] /[a][a][a][a][a][a][a][a]{x}{y}`.split(/\s+/)
  test.each(expressions)('takes no long time to refuse: %s', async (expression) => {
    const urls = selector().add(expression, { GET: show('view') })
    for (const unit of ['a', '-', '1', 'a-', 'a/', ';']) {
      for (const length of [60, 1000, 16_000]) {
        const path = `/${unit.repeat(length / unit.length)}.!/`
        const start = performance.now()
        // oxlint-disable-next-line no-await-in-loop -- one after another, to time each
        expect((await client(urls).get(path)).status).toBe(404)
        // A second is far from the tens of milliseconds that it takes, and from the years it could take.
        expect(performance.now() - start).toBeLessThan(1000)
      }
    }
  })
})
