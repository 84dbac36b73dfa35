// Cache-Control's directives (RFC 9111 §5.2), of requests and responses.
import { members } from './field.js'

/** Directives by their names in lower case; true for one without an argument. */
export type Directives = ReadonlyMap<string, string | true>

/** Fields that a directive names hold for those fields only; without any it holds for the whole response. */
const listing: ReadonlySet<string> = new Set(['no-cache', 'private'])

const none: Directives = new Map()

/**
 * Reads Cache-Control. Of a directive that comes twice the first counts (§4.2.1), but of `no-cache` and `private` the
 * stricter. What is malformed keeps its name, with an argument that no number is: it restricts, it never allows.
 */
export function directivesOf(value: string | undefined): Directives {
  if (value === undefined) return none
  const found = new Map<string, string | true>()
  for (const member of members(value)) {
    const [, token = '', rest = ''] = /^([!#$%&'*+.^_`|~\w-]*)([^]*)$/.exec(member) ?? []
    const name = token.toLowerCase()
    const argument = argumentOf(rest)
    const earlier = found.get(name)
    if (earlier === undefined) found.set(name, argument)
    else if (listing.has(name)) found.set(name, joined(earlier, argument))
  }
  return found
}

function argumentOf(rest: string): string | true {
  if (rest === '') return true
  const [, quoted, token] = /^=(?:"((?:[^"\\]|\\.)*)"|([^\s"]+))$/.exec(rest) ?? []
  return quoted?.replaceAll(/\\(.)/g, '$1') ?? token ?? rest
}

function joined(one: string | true, other: string | true): string | true {
  return one === true || other === true ? true : `${one},${other}`
}

/** The header fields that a directive names, in lower case; none if it holds for the whole response. */
export function fieldsOf(directives: Directives, name: string): readonly string[] {
  const argument = directives.get(name)
  if (argument === undefined || argument === true) return []
  return members(argument).map((each) => each.toLowerCase())
}

/** Says whether a directive is there that holds for the whole response. */
export function forAll(directives: Directives, name: string): boolean {
  return directives.has(name) && fieldsOf(directives, name).length === 0
}

/** Longer than any cache lives (RFC 9111 §1.2.2). */
const LONGEST = 2 ** 31

/** A directive's seconds; undefined without it, 0 for what is no number: it counts as stale (§4.2.1). */
export function secondsOf(directives: Directives, name: string): number | undefined {
  const argument = directives.get(name)
  if (argument === undefined) return undefined
  if (argument === true || !/^\d+$/.test(argument)) return 0
  return Math.min(Number(argument), LONGEST)
}
