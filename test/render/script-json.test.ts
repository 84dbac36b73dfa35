import { scriptJson } from '@robaccia/render'
import { describe, expect, test } from 'vitest'
import { failure, get, view } from './folder.js'

const evil = { '</script>': '<!--<script>&amp;\u2028\u2029]]>' }

describe('scriptJson', () => {
  test('leaves no character that could end a script', () => {
    expect(scriptJson(evil)).not.toMatch(/[<>&\u2028\u2029]/)
  })

  test('is the same value still, as JSON', () => {
    for (const value of [evil, [1, 'a'], 'é', null, true, { a: { b: [] } }]) {
      expect(JSON.parse(scriptJson(value))).toEqual(value)
    }
  })

  test('says null for what JSON cannot say', () => {
    expect(scriptJson(undefined)).toBe('null')
    expect(scriptJson(() => 1)).toBe('null')
  })

  test('is what templates have as json', async () => {
    const page = view({ 'a.html.pug': 'script!= `const rows = ${json(rows)}`' }, 'a.html', {
      rows: ['</script><script>alert(1)//'],
    })
    expect((await get(page)).text).toBe(
      '<script>const rows = ["\\u003c/script\\u003e\\u003cscript\\u003ealert(1)//"]</script>',
    )
  })

  test('a variable named json takes its place', async () => {
    expect((await get(view({ 'a.html.pug': 'p= json' }, 'a.html', { json: 'mine' }))).text).toBe(
      '<p>mine</p>',
    )
  })

  test('a value that is no JSON fails the template at its line', async () => {
    const error = await failure(view({ 'a.html.pug': 'p\np= json(n)' }, 'a.html', { n: 1n }))
    expect(error.line).toBe(2)
    expect(error.message).toContain('BigInt')
  })
})
