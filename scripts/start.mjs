// npm start: sets up, creates the blog's database, and serves. What follows `--` goes to `manage run`.
import { spawn } from 'node:child_process'
import { root, setUp } from './setup.mjs'

await setUp('apps/blog')
const server = spawn(
  process.execPath,
  ['--import=tsx', 'manage.ts', 'run', '--create', ...process.argv.slice(2)],
  { cwd: `${root}/apps/blog`, stdio: 'inherit' },
)
// The terminal sends SIGINT to the server too; it decides when it is done.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => server.kill('SIGTERM'))
server.on('exit', (code) => process.exit(code ?? 1))

// The shell between npm and this script keeps a SIGTERM that npm gets to itself, and ends: so does this.
const parent = process.ppid
setInterval(() => {
  if (process.ppid !== parent) server.kill('SIGTERM')
}, 500).unref()
