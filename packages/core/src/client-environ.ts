// The environ of a request made by the test client.
import { toBytes } from './body.js'
import type { EnvironWith } from './contract.js'
import { readOnce } from './input.js'
import { headerKey, splitTarget } from './node-environ.js'

/** What a request is made of besides its method and target. At most one of `body`, `json` and `form`. */
export interface RequestInit {
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as it is: whole with its length, or streamed. */
  readonly body?: string | Uint8Array | AsyncIterable<Uint8Array>
  /** Sent as `application/json`. */
  readonly json?: unknown
  /** Sent as `application/x-www-form-urlencoded`, or as `multipart/form-data` if it is a FormData. */
  readonly form?: Readonly<Record<string, string>> | URLSearchParams | FormData
  /** Goes to where a redirect leads, within the host and port, as a browser does: up to 20 times. */
  readonly follow?: boolean
  /** Goes away when it aborts; the call then rejects with its reason, once the app has settled. */
  readonly signal?: AbortSignal
  /** Keys set over those that the client made, to stand in for a server or an outer middleware. */
  readonly environ?: Readonly<Partial<EnvironWith<object>>>
}

/** An environ but for what belongs to the exchange. */
export type RequestEnviron = Omit<EnvironWith<object>, 'robaccia.errors' | 'robaccia.server'>

/** @throws TypeError for a target that no client could send, and when the request has more than one body */
export async function clientEnviron(
  method: string,
  target: string,
  init: RequestInit,
): Promise<RequestEnviron> {
  if (!/^(?:\/|\*$|[a-z][a-z0-9+.-]*:\/\/)/i.test(target)) {
    throw new TypeError(
      `a request's target must begin with '/' or be a URL or '*', got '${target}'`,
    )
  }
  // As browsers do (WHATWG URL §4.4); what servers get is bytes, of which splitTarget makes Latin-1.
  const sent = target.replace(/[^\0-~]+/gu, encodeURIComponent)
  const { authority, path, query } = splitTarget(sent)
  const { type, content } = await requestBody(init)
  const secure = /^https:/i.test(target)
  const environ: RequestEnviron = {
    REQUEST_METHOD: method,
    SCRIPT_NAME: '',
    PATH_INFO: path,
    QUERY_STRING: query,
    SERVER_NAME: 'localhost',
    SERVER_PORT: secure ? '443' : '80',
    SERVER_PROTOCOL: 'HTTP/1.1',
    REMOTE_ADDR: '127.0.0.1',
    HTTP_HOST: authority ?? 'localhost',
    REQUEST_URI: sent,
    'robaccia.version': '1.0',
    'robaccia.url_scheme': secure ? 'https' : 'http',
    'robaccia.input': readOnce(async function* () {
      if (content instanceof Uint8Array) yield content
      else if (content !== undefined) yield* content
    }),
    'robaccia.notes': {},
    'router.params': {},
  }
  if (content instanceof Uint8Array) environ.CONTENT_LENGTH = String(content.byteLength)
  else if (content !== undefined) environ.HTTP_TRANSFER_ENCODING = 'chunked'
  if (type !== undefined) environ.CONTENT_TYPE = type
  for (const [name, value] of Object.entries(init.headers ?? {})) {
    const key = headerKey(name)
    // Servers drop both: they could pass for another.
    if (name.includes('_') || key === 'HTTP_PROXY') continue
    if (key === 'HTTP_CONTENT_TYPE') environ.CONTENT_TYPE = value
    else if (key === 'HTTP_CONTENT_LENGTH') environ.CONTENT_LENGTH = value
    else environ[key] = value
  }
  return environ
}

async function requestBody({
  body,
  json,
  form,
}: RequestInit): Promise<{ type?: string; content?: Uint8Array | AsyncIterable<Uint8Array> }> {
  if ([body, json, form].filter((each) => each !== undefined).length > 1) {
    throw new TypeError('a request must have at most one of body, json and form')
  }
  if (json !== undefined) {
    return { type: 'application/json', content: Buffer.from(JSON.stringify(json)) }
  }
  if (form !== undefined) {
    const content = form instanceof FormData ? form : new URLSearchParams(form)
    // The platform's own Request knows both encodings.
    const request = new Request('http://localhost', { method: 'POST', body: content })
    return {
      type: request.headers.get('content-type') ?? '',
      content: new Uint8Array(await request.arrayBuffer()),
    }
  }
  if (body === undefined) return {}
  return { content: typeof body === 'string' ? toBytes(body) : body }
}
