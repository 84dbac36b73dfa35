// The templates, and the words that all of them know.
import { renderer } from '@robaccia/render'
import { address } from './address.js'
import { markdown, summary } from './markdown.js'
import { hostNames, title } from './settings.js'

export const render = renderer({
  dir: new URL('templates/', import.meta.url),
  locals: (environ) => ({
    site: title,
    root: environ.SCRIPT_NAME,
    blog: address(environ),
    address: (id: string) => address(environ, id),
    origin: `${environ['robaccia.url_scheme']}://${environ.HTTP_HOST}`,
    tag,
    day,
    markdown,
    summary,
    legal,
  }),
})

/** A day in words. */
function day(date: Date): string {
  return date.toLocaleDateString('en-GB', { dateStyle: 'long', timeZone: 'UTC' })
}

/** A name for the feed or an entry that stays whatever host or path it is read from (RFC 4151, RFC 4287 §4.2.6). */
function tag(id = ''): string {
  const [authority = ''] = (hostNames[0] ?? '').split(':')
  return `tag:${authority},2006:blog/${encodeURIComponent(id)}`
}

/** A text without what XML can't hold, not even escaped (XML 1.0 §2.2). */
function legal(text: string): string {
  return text.replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
}
