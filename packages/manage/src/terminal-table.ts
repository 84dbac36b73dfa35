// Rows in columns, the first row in bold.
import { styled } from './terminal.js'
import type { Terminal } from './terminal.js'

export function printTable(
  { print, stdout }: Pick<Terminal, 'print' | 'stdout'>,
  rows: readonly (readonly string[])[],
): void {
  const count = Math.max(...rows.map((row) => row.length))
  const widths = Array.from({ length: count }, (_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  )
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  const [first = '', ...rest] = lines
  print(styled(stdout, 'bold', first))
  for (const line of rest) print(line)
}
