// Not a server: prints what it costs to dispatch to the last route of tables, in nanoseconds of CPU time.
// It is measured here without HTTP, since beside a whole request it would not be seen.
import { empty, selector, type App, type EnvironWith } from '@robaccia/core'

/** How the routes of a table look; `#` is the route's number, in the path asked for the last one's. */
const shapes = [
  { expression: '/section-#', path: '/section-#' },
  { expression: '/section-#/{id}', path: '/section-#/42' },
  { expression: '/api/v1/section-#/{id}/edit', path: '/api/v1/section-#/42/edit' },
  { expression: '/{lang}/section-#/{id}', path: '/en/section-#/42' },
  { expression: '/section/{id:digits}-#', path: '/section/42-#' },
]
const SIZES = [10, 1000]
const ROUNDS = 9
const TIMES = 20_000

const nothing: App = (environ, startResponse) => empty(environ, startResponse)

const tables = shapes.flatMap(({ expression, path }) =>
  SIZES.map((size) => {
    const urls = selector()
    for (let route = 1; route <= size; route++) {
      // The check of variables is for expressions that are literals in the code.
      urls.add(expression.replace('#', String(route)) as '/', { GET: nothing })
    }
    const asked = path.replace('#', String(size))
    return { expression, size, urls, asked, costs: [] as number[] }
  }),
)

for (let round = 0; round <= ROUNDS; round++) {
  for (const { urls, asked, costs } of tables) {
    const cost = costOf(urls, asked)
    // Round 0 only lets V8 compile what is hot.
    if (round > 0) costs.push(cost)
  }
}
console.log(
  JSON.stringify(tables.map(({ expression, size, costs }) => ({ expression, size, costs }))),
)

function costOf(urls: App, path: string): number {
  // Of the environ the selector reads method and path, and writes variables and notes.
  const environ = {
    REQUEST_METHOD: 'GET',
    SCRIPT_NAME: '',
    PATH_INFO: path,
    'robaccia.notes': {},
    'router.params': {},
  } as EnvironWith<object>
  let status = 0
  const startResponse = (given: number): void => void (status = given)
  const before = process.cpuUsage()
  for (let time = 0; time < TIMES; time++) {
    environ['router.params'] = {}
    void urls(environ, startResponse)
  }
  const { user, system } = process.cpuUsage(before)
  if (status !== 204) throw new Error(`${path} must be dispatched, got ${status}`)
  return ((user + system) * 1000) / TIMES
}
