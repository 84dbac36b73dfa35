// What proxies say about a request: X-Forwarded-*, or Forwarded (RFC 7239). Nothing here is to be believed yet.
import type { Environ } from './contract.js'

/** What one proxy said about the hop before it. */
export interface Hop {
  /** The address that it got the request from. */
  readonly for?: string | undefined
  readonly proto?: string | undefined
  readonly host?: string | undefined
  readonly port?: string | undefined
}

/** What each proxy said, the nearest first. */
export interface Hops {
  readonly addresses: readonly (string | undefined)[]
  /** The word of the proxy that is so many hops away, 1 being the nearest; the farthest one's if there are fewer. */
  readonly said: (hops: number) => Omit<Hop, 'for'>
}

/** X-Forwarded-For, -Proto, -Host and -Port: lists in which each proxy adds to the right, or its value replaces all. */
export function xForwarded(environ: Environ): Hops {
  const nearestFirst = (name: string): string[] =>
    list(environ[`HTTP_X_FORWARDED_${name}`]).toReversed()
  const [protos, hosts, ports] = [nearestFirst('PROTO'), nearestFirst('HOST'), nearestFirst('PORT')]
  return {
    addresses: nearestFirst('FOR'),
    said: (hops) => ({ proto: nth(protos, hops), host: nth(hosts, hops), port: nth(ports, hops) }),
  }
}

/** Forwarded: one element for each proxy, of pairs such as `for=192.0.2.60;proto=https` (RFC 7239 §4). */
export function rfc7239(environ: Environ): Hops {
  const elements = list(environ.HTTP_FORWARDED).toReversed().map(pairs)
  return {
    addresses: elements.map((each) => each.for),
    said: (hops) => nth(elements, hops) ?? {},
  }
}

function nth<Value>(nearestFirst: readonly Value[], hops: number): Value | undefined {
  return nearestFirst[Math.min(hops, nearestFirst.length) - 1]
}

/** The elements of a list header; a comma in a quoted string is none of its commas (RFC 9110 §5.6.1). */
function list(value = ''): string[] {
  return value.match(/(?:"(?:[^"\\]|\\.)*"|[^",])+/g)?.map((each) => each.trim()) ?? []
}

function pairs(element: string): Hop {
  const found: Record<string, string> = {}
  for (const [, name = '', quoted, token] of element.matchAll(
    /([a-z]+)=(?:"((?:[^"\\]|\\.)*)"|([^";\s]+))/gi,
  )) {
    found[name.toLowerCase()] ??= quoted?.replaceAll(/\\(.)/g, '$1') ?? token ?? ''
  }
  return found
}
