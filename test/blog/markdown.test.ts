import { describe, expect, it } from 'vitest'
import { markdown, summary } from '../../apps/blog/markdown.js'

describe('markdown', () => {
  it('shows raw HTML as the text that it is', () => {
    expect(markdown('<script>alert(1)</script>\n\nA <b onclick="x()">b</b> <AlertBox/>')).toBe(
      '<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n<p>A &lt;b onclick=“x()”&gt;b&lt;/b&gt; &lt;AlertBox/&gt;</p>\n',
    )
  })

  it.each([
    '[x](javascript:alert(1))',
    '[x](JaVaScRiPt:alert(1))',
    '[x](&#106;avascript:alert(1))',
    '[x](vbscript:x)',
    '[x](data:text/html;base64,PHNjcmlwdD4=)',
    '<javascript:alert(1)>',
    '![x](javascript:alert(1))',
    '![x](data:image/svg+xml;base64,PHN2Zz4=)',
    '[x][r]\n\n[r]: javascript:alert(1)',
  ])('makes no link or picture of %s', (content) => {
    expect(markdown(content)).not.toMatch(/<(?:a|img)\b/)
  })

  it('lets no text out of an attribute', () => {
    const html = markdown(
      '[x](https://e.org/"onmouseover="y "a\\" onclick=\\"b") ![" onerror="z](https://e.org/p.png)',
    )
    expect(html).not.toMatch(/" on\w+="/)
    expect(html).toContain('title="a&quot; onclick=&quot;b"')
  })

  it('says that links vouch for nobody, and loads pictures when they are seen', () => {
    expect(markdown('[x](https://e.org) ![y](https://e.org/y.png)')).toBe(
      '<p><a href="https://e.org" rel="nofollow">x</a> <img src="https://e.org/y.png" alt="y" loading="lazy" /></p>\n',
    )
  })

  it('puts headings below the entry’s own and leaves no level out', () => {
    const tags = (content: string) =>
      [...markdown(content).matchAll(/<(h\d)/g)].map(([, tag]) => tag)
    expect(tags('# a\n\n## b\n\n# c')).toEqual(['h2', 'h3', 'h2'])
    expect(tags('## a\n\n#### b\n\n## c')).toEqual(['h2', 'h3', 'h2'])
    expect(tags('### a\n\n# b\n\n###### c')).toEqual(['h2', 'h2', 'h3'])
    expect(tags('# 1\n## 2\n### 3\n#### 4\n##### 5\n###### 6')).toEqual([
      'h2',
      'h3',
      'h4',
      'h5',
      'h6',
      'h6',
    ])
  })

  it('takes as many headings as an entry can hold', () => {
    expect(markdown('# a\n'.repeat(300_000)).split('<h2>')).toHaveLength(300_001)
  })

  it('lets code and tables scroll by keyboard, without a style attribute', () => {
    const html = markdown('```js\na < b\n```\n\n| a | b |\n|:-:|--:|\n| 1 | 2 |')
    expect(html).toContain('<pre tabindex="0"><code class="language-js">a &lt; b\n</code></pre>')
    expect(html).toContain('<div class="scroll" tabindex="0"><table>')
    expect(html).toContain('<th class="center">a</th>\n<th class="right">b</th>')
    expect(html).not.toContain('style')
  })

  it('sets quotation marks and leaves a (c) alone', () => {
    expect(markdown(`"It's" (c)...`)).toBe('<p>“It’s” (c)...</p>\n')
  })
})

describe('summary', () => {
  it('is the first paragraph with words in it, without its marks', () => {
    expect(
      summary('# Title\n\n![picture](p.png)\n\nSome *words* with `code`,\nand <b>.\n\nMore.'),
    ).toBe('Some words with code, and <b>.')
  })

  it('knows the links that are defined at the end, however far off', () => {
    const rest = 'More.\n\n'.repeat(1000)
    expect(summary(`At [Bloomberg][] in [town][1].\n\n${rest}[Bloomberg]: /b\n[1]: /t`)).toBe(
      'At Bloomberg in town.',
    )
  })

  it('ends at a word', () => {
    expect(summary('one two three four', 9)).toBe('one two…')
    expect(summary('one two', 7)).toBe('one two')
    expect(summary('unbroken', 4)).toBe('unbr…')
    expect(summary('abc😀', 4)).toBe('abc…')
  })

  it('is empty where there is no paragraph', () => {
    expect(summary('')).toBe('')
    expect(summary('# Title')).toBe('')
  })
})
