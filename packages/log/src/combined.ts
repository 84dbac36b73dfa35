// Apache's combined format, with its escapes: no request can begin a line of its own, or end a quoted part.
// https://httpd.apache.org/docs/2.4/mod/mod_log_config.html
import type { Entry } from './entry.js'

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** The line, with its end. @param now when the request came, in UTC */
export function combined(entry: Entry, now: Date): string {
  const { remote, user, method, path, query, protocol, status, bytes, headers } = entry
  const target = query === undefined ? path : `${path}?${query}`
  return (
    `${word(remote)} - ${word(user)} [${moment(now)}] "${escaped(`${method} ${target} ${protocol}`)}" ` +
    `${status} ${bytes === 0 ? '-' : bytes} "${escaped(headers?.referer ?? '-')}" "${escaped(headers?.['user-agent'] ?? '-')}"\n`
  )
}

function moment(now: Date): string {
  const [date = '', time = ''] = now.toISOString().split(/[T.]/)
  const [year = '', month = '', day = ''] = date.split('-')
  return `${day}/${MONTHS[Number(month) - 1] ?? ''}/${year}:${time} +0000`
}

/** A part without quotes: it ends at a space. */
function word(text: string | undefined): string {
  return text === undefined || text === '' ? '-' : escaped(text).replaceAll(' ', '\\x20')
}

function escaped(text: string): string {
  return text.replace(SPECIAL, (char) => escapes[char] ?? hexadecimal(char))
}

// oxlint-disable-next-line no-control-regex -- they are what must not be written
const SPECIAL = /["\\\u0000-\u001f\u007f-\u00ff\u2028\u2029\u202a-\u202e]/g

const escapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
}

/** Its bytes: a header's as they came, else of UTF-8. */
function hexadecimal(char: string): string {
  const bytes = Buffer.from(char, char <= '\u00ff' ? 'latin1' : 'utf8')
  return Array.from(bytes, (byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')
}
