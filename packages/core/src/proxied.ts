// A middleware for an app behind proxies: what they say about the client's side takes the place of what the
// server sees, only as far as proxies are trusted. Put it outermost.
import { isIP } from 'node:net'
import type { Environ, Middleware } from './contract.js'
import { copyOf } from './environ-copy.js'
import { rfc7239, xForwarded } from './forwarded.js'
import type { Hops } from './forwarded.js'
import { library } from './library.js'

const proxyAddr = library('proxy-addr')

/** Says whether a proxy is trusted. @param hop 0 for the one that is connected to this server */
export type Trust = (address: string, hop: number) => boolean

export interface ProxiedOptions {
  /**
   * The proxies that are believed: addresses and ranges (`10.0.0.0/8`, `loopback`, `linklocal`, `uniquelocal`),
   * how many there are in a row, or a function.
   */
  readonly trust: string | readonly string[] | number | Trust
  /** What the proxies write, and don't let through from clients: `'x-forwarded'` (`X-Forwarded-*`) unless given. */
  readonly header?: 'x-forwarded' | 'forwarded'
}

/**
 * Sets `REMOTE_ADDR`, `robaccia.url_scheme`, `HTTP_HOST`, `SERVER_NAME` and `SERVER_PORT` to what the outermost
 * trusted proxy said. What is malformed is left out; a request from elsewhere stays as it is.
 *
 * @throws TypeError without `trust`, or for one that is no address, range, number of hops or function
 *
 * @example
 * compose(proxied({ trust: 'loopback' }), errors())(urls)
 */
export function proxied({ trust, header = 'x-forwarded' }: ProxiedOptions): Middleware {
  const trusts = trustOf(trust)
  if (header !== 'x-forwarded' && header !== 'forwarded') {
    throw new TypeError(
      `proxied's header must be 'x-forwarded' or 'forwarded', got '${String(header)}'`,
    )
  }
  const read = header === 'forwarded' ? rfc7239 : xForwarded
  return (app) => (environ, startResponse) => {
    // Nothing is read of what a stranger sends.
    if (!trusts(environ.REMOTE_ADDR, 0)) return app(environ, startResponse)
    return app(copyOf(environ, clientSide(environ, read(environ), trusts)), startResponse)
  }
}

function trustOf(trust: ProxiedOptions['trust']): Trust {
  if (typeof trust === 'function') return trust
  if (typeof trust === 'number' && Number.isInteger(trust) && trust > 0) {
    return (_address, hop) => hop < trust
  }
  const addresses: readonly unknown[] = Array.isArray(trust) ? trust : [trust]
  try {
    if (addresses.every((each) => typeof each === 'string'))
      return proxyAddr().compile([...addresses])
  } catch (cause) {
    throw new TypeError(`${RULE}, got ${JSON.stringify(trust)}`, { cause })
  }
  throw new TypeError(`${RULE}, got ${JSON.stringify(trust)}`)
}

const RULE = "proxied's trust must be addresses or ranges, a number of hops, or a function"

type ClientSide = Partial<
  Pick<Environ, 'REMOTE_ADDR' | 'robaccia.url_scheme' | 'HTTP_HOST' | 'SERVER_NAME' | 'SERVER_PORT'>
>

/** The hops are followed from here outwards, until one is not trusted: that one is the client. */
function clientSide(environ: Environ, { addresses, said }: Hops, trusts: Trust): ClientSide {
  let client = environ.REMOTE_ADDR
  let hops = 1
  for (const each of addresses) {
    const address = addressOf(each)
    if (address === undefined) break
    client = address
    if (!trusts(address, hops)) break
    hops += 1
  }
  return { REMOTE_ADDR: client, ...placeOf(environ, said(hops)) }
}

/** An address without the port that some proxies add; an obfuscated one (RFC 7239 §6.3) is none. */
function addressOf(text = ''): string | undefined {
  const address =
    /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text
  return isIP(address) === 0 ? undefined : address
}

function placeOf(environ: Environ, said: ReturnType<Hops['said']>): ClientSide {
  const proto = said.proto?.toLowerCase()
  const scheme = proto === 'http' || proto === 'https' ? proto : undefined
  const host = said.host !== undefined && HOST.test(said.host) ? said.host : undefined
  const port = said.port !== undefined && isPort(said.port) ? said.port : undefined
  if (scheme === undefined && host === undefined && port === undefined) return {}
  const now = scheme ?? environ['robaccia.url_scheme']
  const [, name = environ.SERVER_NAME, own] = HOST.exec(host ?? environ.HTTP_HOST ?? '') ?? []
  return {
    'robaccia.url_scheme': now,
    ...(host === undefined ? {} : { HTTP_HOST: host }),
    SERVER_NAME: name,
    SERVER_PORT: port ?? own ?? (now === 'https' ? '443' : '80'),
  }
}

/** A host and its port (RFC 9110 §7.2), without what only a URL could have there. */
const HOST = /^([\w.-]+|\[[\da-f:.]+\])(?::(\d{1,5}))?$/i

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) > 0 && Number(text) < 65_536
}
