// What differs from one place to another besides the database: environment variables, read once.

/** The hosts that the site answers for, beside those of this machine. */
export const hostNames: readonly string[] = [...list('HOSTS'), 'localhost', '127.0.0.1', '[::1]']

/** The addresses of the proxies in front of the site, which say where a request came from. */
export const proxies: readonly string[] = list('PROXIES')

/** The least severe lines that are logged. */
export const logLevel: string = process.env.LOG_LEVEL || 'info'

/** Words between commas. */
function list(variable: string): string[] {
  const words = (process.env[variable] ?? '').split(',').map((word) => word.trim())
  return words.filter((word) => word !== '')
}
