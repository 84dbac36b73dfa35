// A row of the guide as a test: a site is seen with two middleware as the guide has them, and the other way round.
import { compose, html, text, type App, type Middleware } from '@robaccia/core'
import { log } from '@robaccia/log'

/** Puts two middleware round an app, the outer one first. */
export type Stand = (outer: Middleware, inner: Middleware) => Middleware

export interface Case {
  /** Makes a site, asks it, and gives what tells the two orders apart. */
  see(stand: Stand): Promise<unknown>
  /** What is seen as the guide has it. */
  readonly right: unknown
  /** What is seen the other way round. */
  readonly wrong: unknown
}

/** By what stands inside. */
export type Cases = Readonly<Record<string, Case>>

export const asInTheGuide: Stand = (outer, inner) => compose(outer, inner)
export const theOtherWayRound: Stand = (outer, inner) => compose(inner, outer)

export const hello: App = (environ, startResponse) => text(environ, startResponse, 'hello')

export const broken: App = () => {
  throw new Error('broken')
}

/** What a proxy says that stands before the site and ends TLS. */
export const forwarded = {
  'x-forwarded-for': '203.0.113.7',
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'example.org',
}

export const foreign = { 'sec-fetch-site': 'cross-site' }

/** A page for errors that greets who is there. */
export const sorry: App = (environ, startResponse) =>
  html(environ, startResponse, `Sorry, ${environ['auth.user']?.name ?? 'stranger'}`)

/** A log, and its lines as data. */
export function logged(): { readonly logs: Middleware; lines(): Record<string, unknown>[] } {
  const written: string[] = []
  return {
    logs: log({ format: 'json', to: { write: (line) => written.push(line) } }),
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each line of the log is an object in JSON
    lines: () => written.map((line) => JSON.parse(line) as Record<string, unknown>),
  }
}

/** A database that tells when it begins and commits. */
export function told(events: string[]): {
  transaction<Result>(fn: () => Promise<Result>): Promise<Result>
} {
  return {
    async transaction(fn) {
      events.push('begin')
      const result = await fn()
      events.push('commit')
      return result
    },
  }
}
