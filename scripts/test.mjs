// npm test: sets up, then everything that must hold: types, lint, format, and the tests. All of it runs,
// so that one look shows all that is wrong; the last line has the test runner's own counts.
import { readFileSync, rmSync } from 'node:fs'
import { root, run, setUp } from './setup.mjs'

const report = `${root}/node_modules/.cache/test.json`

/** Each step is a Node script of a package, with its arguments. */
const steps = [
  { name: 'types', script: 'typescript/bin/tsc', args: ['-b'] },
  { name: 'lint', script: 'oxlint/bin/oxlint', args: ['--type-aware', '--deny-warnings'] },
  {
    name: 'format',
    script: 'prettier/bin/prettier.cjs',
    args: ['--check', '--log-level=warn', '.'],
  },
  {
    name: 'tests',
    script: 'vitest/vitest.mjs',
    args: [
      'run',
      '--root=test',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
      ...process.argv.slice(2),
    ],
  },
]

await setUp('apps/blog')
rmSync(report, { force: true })
const failed = steps.filter(({ name, script, args }) => {
  console.log(`\n— ${name}`)
  return run(`node_modules/${script}`, args) !== 0
})
if (failed.length > 0) console.error(`\nFailed: ${failed.map(({ name }) => name).join(', ')}`)
const { numPassedTests: passed, numFailedTests, numFailedTestSuites, numPendingTests } = counts()
// A file that can't even be loaded has no tests that could fail: its suite does.
const broken = numFailedTests === 0 ? numFailedTestSuites : numFailedTests
const skipped = numPendingTests > 0 ? `, ${numPendingTests} skipped` : ''
console.log(`${passed} passed, ${broken} failed${skipped}`)
process.exitCode = failed.length > 0 ? 1 : 0

function counts() {
  try {
    return JSON.parse(readFileSync(report, 'utf8'))
  } catch {
    return { numPassedTests: 0, numFailedTests: 0, numFailedTestSuites: 1, numPendingTests: 0 }
  }
}
