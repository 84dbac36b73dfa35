// npm start: sets up, creates the blog's database, and serves. What follows `--` goes to `manage run`.
import { spawn } from 'node:child_process'
import { root, run, setUp } from './setup.mjs'

const cwd = `${root}/apps/blog`

await setUp('apps/blog')
const created = run('--import=tsx', ['manage.ts', 'create'], { cwd })
if (created !== 0) process.exit(created)

const server = spawn(
  process.execPath,
  ['--import=tsx', 'manage.ts', 'run', ...process.argv.slice(2)],
  {
    cwd,
    stdio: 'inherit',
  },
)
// The terminal sends SIGINT to the server too; it decides when it is done.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => server.kill('SIGTERM'))
server.on('exit', (code) => process.exit(code ?? 1))
