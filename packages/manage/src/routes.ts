// `routes`: what the application answers, one line for each route and method, or all of it as JSON.
import type { Selector } from '@robaccia/core'
import { command } from './command.js'
import type { Command } from './command.js'
import { printTable } from './terminal-table.js'

const header = ['METHOD', 'PATH', 'NAME', 'VIEW']

const args = {
  json: { type: 'boolean', description: 'an array for programs instead of a table' },
} as const

export function routes(urls: Selector): Command<typeof args> {
  return command({
    description: 'Lists the routes and their views.',
    example: 'manage routes --json',
    args,
    run({ args: { json }, ...screen }) {
      const listed = urls.routes().map(({ expression, name, methods }) => ({
        path: expression,
        name: name ?? null,
        methods: Object.entries(methods).map(([method, view]) => ({
          method,
          view: view.name === '' ? null : view.name,
        })),
      }))
      if (json) {
        screen.print(JSON.stringify(listed, null, 2))
        return
      }
      const rows = listed.flatMap(({ path, name, methods }) =>
        methods.map(({ method, view }) => [method, path, name ?? '-', view ?? '-']),
      )
      printTable(screen, [header, ...rows])
    },
  })
}
