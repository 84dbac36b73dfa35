// What a kind of server can't keep of the contract: the table that SPEC.md prints and the servers' tests go by.

/** The servers that carry the contract. */
export type ServerName = 'koa' | 'node' | 'fetch' | 'cgi'

export interface Capability {
  /** What a server can do. */
  readonly text: string
  /** What happens instead, where it can't. */
  readonly instead: Readonly<Partial<Record<ServerName, string>>>
}

export const capabilities: Readonly<Record<CapabilityName, Capability>> = {
  dotSegments: {
    text: 'Dot segments of the path are left alone.',
    instead: { fetch: 'A Request’s URL is parsed: `/a/../b` is `/b`, and `\\` is `/`.' },
  },
  asterisk: {
    text: '`OPTIONS *` has `PATH_INFO` `""`.',
    instead: { fetch: 'A Request has a path: the runtime makes one, `/*` say.' },
  },
  nul: {
    text: 'An encoded NUL is part of the path.',
    instead: { cgi: 'An environment can’t hold it: the web server refuses the request.' },
  },
  latin1: {
    text: 'A request header’s value is one character a byte.',
    instead: { cgi: 'Node reads the environment as UTF-8: bytes that are none become U+FFFD’s.' },
  },
  singleValue: {
    text: 'Of a header that has one value the first is kept.',
    instead: {
      fetch: 'Headers are joined by `, ` before anybody sees them.',
    },
  },
  hosts: {
    text: 'Two `Host` are answered with 400.',
    instead: { fetch: 'The runtime decides: one of them is seen.' },
  },
  moment: {
    text: 'An empty chunk sends the head alone.',
    instead: { fetch: 'The runtime has the head then, and decides when it goes out.' },
  },
  sent: {
    text: '`bytes` are those handed to the network.',
    instead: {
      fetch: 'Those handed to the runtime.',
      cgi: 'Those handed to the web server.',
    },
  },
  left: {
    text: '`signal` aborts as soon as the client goes away.',
    instead: {
      cgi: 'When a write fails: until then nobody tells the script.',
    },
  },
  cut: {
    text: 'An error after the head cuts the connection.',
    instead: {
      cgi: '`runCgi` says `aborted`, for an exit code; the web server decides what it does about that.',
    },
  },
  inform: {
    text: '`inform` sends informational responses.',
    instead: { fetch: 'There is no `inform`.', cgi: 'There is no `inform`.' },
  },
}

export type CapabilityName =
  | 'dotSegments'
  | 'asterisk'
  | 'nul'
  | 'latin1'
  | 'singleValue'
  | 'hosts'
  | 'moment'
  | 'sent'
  | 'left'
  | 'cut'
  | 'inform'
