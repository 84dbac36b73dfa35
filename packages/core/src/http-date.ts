// Dates of headers, in the three forms of RFC 9110 §5.6.7. Senders write them in one case only; recipients take any (RFC 9111
// §4.2). By hand, since Date.parse takes much else for a date, and 50 for 1950.

const IMF = /^[a-z]{3}, \d\d [a-z]{3} \d{4} \d\d:\d\d:\d\d gmt$/i
/** It names no zone, and is UTC all the same. */
const ASCTIME = /^[a-z]{3} [a-z]{3} [ \d]\d \d\d:\d\d:\d\d \d{4}$/i
const RFC850 = /^([a-z]+day, \d\d-[a-z]{3}-)(\d\d)( \d\d:\d\d:\d\d gmt)$/i

/** A header's date in milliseconds since 1970; NaN, which no comparison holds for, if it is no HTTP date. */
export function httpDate(text: string | undefined): number {
  if (text === undefined) return Number.NaN
  if (IMF.test(text)) return Date.parse(text)
  if (ASCTIME.test(text)) return Date.parse(`${text} GMT`)
  const [, day, year, time] = RFC850.exec(text) ?? []
  if (day === undefined) return Number.NaN
  const latest = new Date()
  const century = Math.floor(latest.getUTCFullYear() / 100)
  latest.setUTCFullYear(latest.getUTCFullYear() + 50)
  const date = Date.parse(`${day}${century}${year}${time}`)
  // What would be more than fifty years ahead was in the past.
  return date > latest.getTime() ? Date.parse(`${day}${century - 1}${year}${time}`) : date
}
