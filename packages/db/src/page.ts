// Pages by key: a page begins behind the last row of the one before, wherever that row is by now. So it costs
// the same at any depth, and rows that come and go meanwhile make no other appear twice or never.
import { type Key, type Place, readCursor, writeCursor } from './cursor.js'
import { shown } from './errors.js'
import { type Keyed, keysOf, readKeyed } from './keyset.js'
import type { SelectQuery } from './select.js'

export interface PageOptions {
  /** The cursor that another page gave as `next` or `previous`; without one it is the first page. */
  readonly after?: string | null | undefined
  /** The most rows, 1 to 1,000; 20 by default. */
  readonly size?: number
}

export interface Page<R> {
  readonly rows: R[]
  /** The cursor of the page after this one; undefined on the last. */
  readonly next: string | undefined
  /** The cursor of the page before this one; undefined on the first. */
  readonly previous: string | undefined
}

/**
 * A page of a query's rows. Its order may have any columns but `json`, each in either direction; the primary
 * key decides between rows that are equal there.
 *
 * @throws RangeError for a size that is none
 * @throws TypeError for a query with a limit or an offset, and for a table without a primary key
 * @throws http-errors' 400 for a cursor that is none of this list's
 * @example await page(entry.select().orderBy('published', 'desc'), { after: query(environ).get('after') })
 */
export async function page<C, R>(
  query: SelectQuery<C, R>,
  { after, size = 20 }: PageOptions = {},
): Promise<Page<R>> {
  if (!Number.isInteger(size) || size < 1 || size > 1000) {
    throw new RangeError(`the size of a page must be an integer from 1 to 1000, got ${shown(size)}`)
  }
  const keys = keysOf(query)
  const place = after === undefined || after === null ? undefined : readCursor(keys, after)
  if (place && place.way !== 'after') {
    const found = await readKeyed(query, keys, place, size + 1)
    // Where there is less than a page before, that is the first page, and a whole one.
    if (found.length > size) return pageOf(keys, found.slice(0, size).toReversed(), true, true)
  }
  const from = place?.way === 'after' ? place : undefined
  const found = await readKeyed(query, keys, from, size + 1)
  if (from && found.length === 0) {
    const previous = writeCursor(keys, { way: 'until', values: from.values })
    return { rows: [], next: undefined, previous }
  }
  return pageOf(keys, found.slice(0, size), found.length > size, from !== undefined)
}

function pageOf<R>(
  keys: readonly Key[],
  found: readonly Keyed<R>[],
  hasNext: boolean,
  hasPrevious: boolean,
): Page<R> {
  const cursor = (way: Place['way'], at: Keyed<R> | undefined) =>
    at && writeCursor(keys, { way, values: at.values() })
  return {
    rows: found.map(({ row }) => row),
    next: hasNext ? cursor('after', found.at(-1)) : undefined,
    previous: hasPrevious ? cursor('before', found[0]) : undefined,
  }
}
