// `routes`: what the application answers, one line for each route and method.
import type { Selector } from '@robaccia/core'
import { command } from './command.js'
import type { Command } from './command.js'
import { styled } from './terminal.js'

const header = ['METHOD', 'PATH', 'NAME', 'VIEW']

export function routes(urls: Selector): Command {
  return command({
    description: 'Lists the routes and their views.',
    example: 'manage routes',
    run({ print, stdout }) {
      const rows = urls
        .routes()
        .flatMap(({ expression, name, methods }) =>
          Object.entries(methods).map(([method, view]) => [
            method,
            expression,
            name ?? '-',
            view.name === '' ? '-' : view.name,
          ]),
        )
      const [first, ...rest] = aligned([header, ...rows])
      print(styled(stdout, 'bold', first ?? ''))
      for (const line of rest) print(line)
    },
  })
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = header.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}
