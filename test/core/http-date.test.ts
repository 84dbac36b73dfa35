import { httpDate } from '@robaccia/core'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 0, 1) })
})
afterEach(() => {
  vi.useRealTimers()
})

describe('httpDate', () => {
  test.each([
    ['Sun, 06 Nov 1994 08:49:37 GMT', '1994-11-06T08:49:37Z'],
    ['Sunday, 06-Nov-94 08:49:37 GMT', '1994-11-06T08:49:37Z'],
    ['Sun Nov  6 08:49:37 1994', '1994-11-06T08:49:37Z'],
    ['Sun, 21 Nov 2286 04:46:39 GMT', '2286-11-21T04:46:39Z'],
    // In another case (RFC 9111 §4.2).
    ['SUN, 06 NOV 1994 08:49:37 gMT', '1994-11-06T08:49:37Z'],
    ['sunday, 06-nov-94 08:49:37 gmt', '1994-11-06T08:49:37Z'],
    ['SUN NOV  6 08:49:37 1994', '1994-11-06T08:49:37Z'],
    // Fifty years ahead at most.
    ['Thursday, 18-Aug-50 02:01:18 GMT', '2050-08-18T02:01:18Z'],
    ['Wednesday, 01-Jan-76 00:00:00 GMT', '2076-01-01T00:00:00Z'],
    ['Wednesday, 01-Jan-76 00:00:01 GMT', '1976-01-01T00:00:01Z'],
  ])('reads %s', (text, date) => {
    expect(httpDate(text)).toBe(Date.parse(date))
  })

  test.each([
    undefined,
    '',
    '0',
    'Sun, 06 Nov 1994 08:49:37 UTC',
    'Sun, 06 Nov 1994 08:49:37 AEST',
    'Sun, 06 Nov 1994 08:49:37',
    'Sun, 06 Nov 94 08:49:37 GMT',
    'Sun 06 Nov 1994 08:49:37 GMT',
    'Sun, 06  Nov  1994 08:49:37 GMT',
    'Sun, 06-Nov-1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 08.49.37 GMT',
    'Sun, 06 Nov 1994 8:49:37 GMT',
    'Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT',
    '1994-11-06T08:49:37Z',
  ])('takes nothing else for a date: %s', (text) => {
    expect(httpDate(text)).toBeNaN()
  })
})
