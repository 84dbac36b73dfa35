// What a scenario found, as Markdown: a table, and for each target whether it is met.
import { median } from './statistics.js'

export interface Report {
  /** How it was measured, in a sentence or two. */
  readonly how: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
  readonly targets: readonly Target[]
}

export interface Target {
  readonly claim: string
  readonly met: boolean
  /** What was measured instead of, or in keeping with, the claim. */
  readonly got: string
}

/** In how many of the rounds, at least, a small difference must come again to count. */
const AGAIN = 0.75
/** Smaller differences than this part count only if they come again. */
const NOISE = 0.15

/**
 * A target for ratios, one for each round, that are to be at least some number. Their median may be below it
 * if it is so by less than 15 % and not again and again.
 */
export function atLeast(claim: string, bound: number, ratios: readonly number[]): Target {
  return judged(claim, bound, ratios, (ratio) => ratio < bound)
}

/** A target for ratios that are to be at most some number, by the same rule. */
export function atMost(claim: string, bound: number, ratios: readonly number[]): Target {
  return judged(claim, bound, ratios, (ratio) => ratio > bound)
}

function judged(
  claim: string,
  bound: number,
  ratios: readonly number[],
  misses: (ratio: number) => boolean,
): Target {
  const middle = median(ratios)
  const missed = ratios.filter(misses).length
  const again = missed >= ratios.length * AGAIN
  const far = Math.abs(middle / bound - 1) >= NOISE
  const got = `${middle.toFixed(2)} (${ratios.map((ratio) => ratio.toFixed(2)).join(', ')})`
  if (!misses(middle)) return { claim, met: true, got }
  return again || far
    ? { claim, met: false, got }
    : {
        claim,
        met: true,
        got: `${got}: equal, the miss came in ${missed} of ${ratios.length} rounds`,
      }
}

/** The report as Markdown, its table aligned for reading as plain text. */
export function markdown({ how, columns, rows, targets }: Report): string {
  return `${wrapped(how)}\n\n${table([columns, ...rows])}\n\n${targets.map(line).join('\n')}\n`
}

/** A paragraph in lines of at most 110 characters. */
function wrapped(text: string): string {
  return text.replaceAll(/(.{1,110})(?: |$)/g, '$1\n').trimEnd()
}

function line({ claim, met, got }: Target): string {
  return `- ${met ? 'met' : '**missed**'}: ${claim}: ${got}`
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(3, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  // Names stand left, figures right.
  const cell = (text: string, column: number): string =>
    column === 0 ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0)
  const rule = widths.map((width, column) =>
    column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  )
  const [head = [], ...body] = rows
  return [head.map(cell), rule, ...body.map((row) => row.map(cell))]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n')
}
