// RESULTS.md: a section for each scenario, written by the bench. Sections of scenarios that did not run stay, and
// so does what people have written below a section's heading 'Where the time goes'.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'

const file = new URL('RESULTS.md', import.meta.url)

const PREFACE = `# Benchmark results

Written by \`pnpm bench --write\`. What is measured and how is told in [the README](../../README.md#benchmarks).
Ratios are made round by round of servers that took turns; a difference of less than 15 % counts only
if it comes again in three quarters of the rounds.
`

/** Writes a scenario's section into the file. */
export function writeResults(title: string, content: string, machine: string): void {
  const old = existsSync(file) ? readFileSync(file, 'utf8') : PREFACE
  const date = new Date().toISOString().slice(0, 10)
  writeFileSync(file, withSection(old, title, `${date}, ${machine}.\n\n${content}`))
}

/** The text of all results with a scenario's section replaced, or added at the end. */
export function withSection(old: string, title: string, content: string): string {
  const [preface = '', ...sections] = old.split(/^(?=## )/m)
  const heading = `## ${title}\n`
  const at = sections.findIndex((section) => section.startsWith(heading))
  const notes = /^### Where the time goes$[^]*/m.exec(sections[at] ?? '')?.[0] ?? ''
  sections.splice(at === -1 ? sections.length : at, 1, `${heading}\n${content.trim()}\n\n${notes}`)
  return `${[preface, ...sections].map((part) => part.trim()).join('\n\n')}\n`
}
