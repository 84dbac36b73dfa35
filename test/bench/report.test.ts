import { describe, expect, test } from 'vitest'
import { atLeast, atMost } from './report.js'
import { withSection } from './results.js'
import { median, ratios, spread } from './statistics.js'

describe('atLeast', () => {
  test('is met by a median at the bound', () => {
    expect(atLeast('fast', 0.95, [0.9, 0.95, 1]).met).toBe(true)
  })

  test('is missed by a small difference that comes again', () => {
    expect(atLeast('fast', 0.95, [0.9, 0.91, 0.92, 1]).met).toBe(false)
  })

  test('is met by a small difference that does not come again', () => {
    expect(atLeast('fast', 0.95, [0.9, 0.94, 1.1, 1.1, 0.94]).met).toBe(true)
  })

  test('is missed by a large difference', () => {
    expect(atLeast('fast', 0.95, [0.5, 0.5, 1.1, 1.1, 0.5]).met).toBe(false)
  })
})

describe('atMost', () => {
  test('is missed by what atLeast would take', () => {
    expect(atMost('slow', 1.5, [1.6, 1.7, 1.8]).met).toBe(false)
    expect(atMost('slow', 1.5, [1.4, 1.5, 1.6]).met).toBe(true)
  })
})

describe('median', () => {
  test('is the middle one, or between the two in the middle', () => {
    expect(median([3, 1, 2])).toBe(2)
    expect(median([4, 1, 2, 3])).toBe(2.5)
  })
})

describe('spread', () => {
  test('is how far half of the values are from the median', () => {
    expect(spread([8, 9, 10, 11, 12])).toBe(0.1)
  })
})

describe('ratios', () => {
  test('compares what was measured in the same round', () => {
    expect(ratios([2, 9], [1, 3])).toEqual([2, 3])
  })
})

describe('withSection', () => {
  const old = '# Results\n\n## One\n\nold\n\n### Where the time goes\n\nAway.\n\n## Two\n\ntwo\n'

  test('replaces what was measured and keeps what people wrote', () => {
    expect(withSection(old, 'One', 'new\n')).toBe(old.replace('old', 'new'))
  })

  test('adds a section that was not there', () => {
    expect(withSection(old, 'Three', 'three')).toBe(`${old}\n## Three\n\nthree\n`)
  })
})
