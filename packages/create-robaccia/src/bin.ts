#!/usr/bin/env node
// The program. What it is made of is loaded only once this Node is known to understand it.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`error: Node must be at least 20.19, got ${process.versions.node}: see nodejs.org`)
  process.exitCode = 1
} else {
  const { runCreate } = await import('./run-create.js')
  process.exitCode = await runCreate(process.argv.slice(2))
}
