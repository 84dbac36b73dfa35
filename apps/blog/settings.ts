// What may differ from one place to another besides the database: environment variables, read once.

/** The hosts that the blog answers for; `HOSTS=blog.example.org,www.example.org` puts its own in front. */
export const hostNames: readonly string[] = [
  ...(process.env.HOSTS ?? '').split(',').map((name) => name.trim()),
  'localhost',
  '127.0.0.1',
  '[::1]',
].filter((name) => name !== '')

export const title = process.env.TITLE || 'A Robaccia Blog'

/** What several processes share sessions, counted attempts and cached pages in: `redis://…`. */
export const redis = process.env.REDIS_URL || undefined

/** Signs the cookies of sessions. */
export const secret = process.env.SESSION_SECRET || undefined
