// A request's line for people at a terminal: `GET /blog/ 200 3.1 ms 4.2 kB ada`.
import type { PrettyOptions } from 'pino-pretty'

/** The keys that the line has in words. */
export const REQUEST_KEYS = [
  'id',
  'method',
  'path',
  'query',
  'protocol',
  'status',
  'bytes',
  'ms',
  'remote',
  'route',
  'user',
  'aborted',
  'failed',
] as const

type Message = Extract<PrettyOptions['messageFormat'], (...args: never[]) => unknown>

export const readable: Message = (line, messageKey, _level, { colors }) => {
  const { status, ms, bytes, aborted, failed } = line
  if (typeof status !== 'number' || typeof ms !== 'number') return visible(word(line, messageKey))
  const query = word(line, 'query')
  const target = query === '' ? word(line, 'path') : `${word(line, 'path')}?${query}`
  const paint = status >= 500 ? colors.red : status >= 400 ? colors.yellow : colors.green
  const mark = aborted === true ? ' aborted' : failed === true ? ' failed' : ''
  const user = word(line, 'user')
  return (
    `${word(line, 'method')} ${visible(target)} ${paint(String(status))}${colors.red(mark)} ` +
    `${ms.toFixed(1)} ms ${size(Number(bytes))}${user === '' ? '' : ` ${visible(user)}`}`
  )
}

function word(line: Readonly<Record<string, unknown>>, key: string): string {
  const value = line[key]
  return typeof value === 'string' ? value : ''
}

function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`
}

/** Without what moves a terminal's cursor or begins a line: a request could write other requests' lines. */
function visible(text: string): string {
  return text.replace(
    // oxlint-disable-next-line no-control-regex -- they are what must not be written
    /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
