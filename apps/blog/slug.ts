// Ids made from titles, for people to read in the address bar. Letters of every script stay (RFC 3987
// lets them; the well-known libraries drop combining marks, and with them half of Hindi), dots too.
import { limits } from './model.js'

/** An id for an entry; `'entry'` where a title has neither letters nor digits. Never `.` or `..`. */
export function slug(title: string): string {
  const words = title
    .normalize('NFKC')
    .toLowerCase()
    .replace(/['’]/g, '')
    .replace(/[^\p{L}\p{M}\p{N}.]+/gu, '-')
  return trim(Array.from(trim(words)).slice(0, limits.id).join('')) || 'entry'
}

function trim(words: string): string {
  return words.replace(/^[-.]+|[-.]+$/g, '')
}
