// A page's Content-Security-Policy with room for the script that follows, and for nothing else
// (https://www.w3.org/TR/CSP3/).

/** What a policy is to allow. */
export interface Allowance {
  /** The script as a source expression: its URL. */
  readonly script: string
  /** The nonce that its element has. */
  readonly nonce: string
  /** The stream of events as a source expression. */
  readonly events: string
}

/** @param header one header's value: policies, separated by commas */
export function allowing(header: string, allowance: Allowance): string {
  return header
    .split(',')
    .map((policy) => allowed(policy, allowance))
    .join(', ')
}

function allowed(policy: string, { script, nonce, events }: Allowance): string {
  const directives = new Map<string, readonly string[]>()
  for (const directive of policy.split(';')) {
    const [name = '', ...sources] = directive.trim().split(/\s+/)
    // Of two the first counts (CSP3 §2.2.1).
    if (name !== '' && !directives.has(name.toLowerCase())) {
      directives.set(name.toLowerCase(), sources)
    }
  }
  widen(directives, ['script-src-elem', 'script-src', 'default-src'], (sources) => {
    // A nonce would turn 'unsafe-inline' off, and under 'strict-dynamic' a URL allows nothing (§6.7.3.2, §8.2).
    const inline = sources.some((source) => /^'unsafe-inline'$/i.test(source))
    const strict = sources.some((source) => /^'(?:nonce-|sha\d+-|strict-dynamic)/i.test(source))
    return inline && !strict ? script : `'nonce-${nonce}'`
  })
  widen(directives, ['connect-src', 'default-src'], () => events)
  return [...directives].map(([name, sources]) => [name, ...sources].join(' ')).join('; ')
}

/** Adds a source to the first directive that is there; the last one is what the others stand in for. */
function widen(
  directives: Map<string, readonly string[]>,
  names: readonly string[],
  source: (sources: readonly string[]) => string,
): void {
  const found = names.find((name) => directives.has(name))
  if (found === undefined) return
  const sources = directives.get(found) ?? []
  const name = found === 'default-src' ? (names.at(-2) ?? found) : found
  const kept = sources.filter((each) => !/^'none'$/i.test(each))
  directives.set(name, [...kept, source(kept)])
}
