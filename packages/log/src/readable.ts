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
  if (typeof status !== 'number' || typeof ms !== 'number') return word(line, messageKey)
  const query = word(line, 'query')
  const target = query === '' ? word(line, 'path') : `${word(line, 'path')}?${query}`
  const paint = status >= 500 ? colors.red : status >= 400 ? colors.yellow : colors.green
  const mark = aborted === true ? ' aborted' : failed === true ? ' failed' : ''
  const user = word(line, 'user')
  return (
    `${word(line, 'method')} ${target} ${paint(String(status))}${colors.red(mark)} ` +
    `${ms.toFixed(1)} ms ${size(Number(bytes))}${user === '' ? '' : ` ${user}`}`
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
