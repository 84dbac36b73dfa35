import { assert, property, string } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { slug } from './blog.js'

describe('slug', () => {
  it.each([
    ['Some Title', 'some-title'],
    ['Node.js v24.11.1 (LTS)', 'node.js-v24.11.1-lts'],
    ['Don’t panic', 'dont-panic'],
    ['Grüße & Küsse', 'grüße-küsse'],
    ['日本語の記事', '日本語の記事'],
    ['हिन्दी में', 'हिन्दी-में'],
    ['<script>alert(1)</script>', 'script-alert-1-script'],
    ['a/b?c#d;e%2F', 'a-b-c-d-e-2f'],
    ['.hidden.', 'hidden'],
    ['..', 'entry'],
    ['🎉', 'entry'],
    ['', 'entry'],
  ])('makes of %j the id %j', (title, id) => {
    expect(slug(title)).toBe(id)
  })

  it('cuts a long title at 100 characters, and leaves no dash at the cut', () => {
    expect(slug(`${'x'.repeat(99)} yz`)).toBe('x'.repeat(99))
    expect(Array.from(slug('𝒳ab'.repeat(200)))).toHaveLength(100)
  })

  it('never gives an empty id, a dot segment, or what a path must escape in ASCII', () => {
    assert(
      property(string({ unit: 'binary', maxLength: 300 }), (title) => {
        const id = slug(title)
        expect(id).toMatch(/^[\p{L}\p{M}\p{N}](?:[\p{L}\p{M}\p{N}.-]*[\p{L}\p{M}\p{N}])?$/u)
        expect(Array.from(id).length).toBeLessThanOrEqual(100)
        expect(slug(id)).toBe(id)
      }),
    )
  })
})
