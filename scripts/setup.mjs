// Gets a fresh clone ready with nothing but Node and npm: installs what the lock file says, then builds.
// Plain JavaScript, since nothing is installed yet when it runs.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

const { engines, packageManager } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'))
const windows = process.platform === 'win32'

/**
 * Installs, unless what is installed is what the lock file says, and builds a folder with what it is
 * made of. Ends the process if it can't.
 */
export async function setUp(folder) {
  assertNode()
  if (!isInstalled()) await install()
  if (run('node_modules/typescript/bin/tsc', ['-b', folder]) !== 0) process.exit(1)
}

/** Runs a script by Node in the root folder and gives its exit code. */
export function run(script, args, options = {}) {
  const { status } = spawnSync(process.execPath, [script, ...args], {
    cwd: root,
    stdio: 'inherit',
    ...options,
  })
  return status ?? 1
}

function assertNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  const [needMajor, needMinor] = engines.node.match(/\d+/g).map(Number)
  if (major < needMajor || (major === needMajor && minor < needMinor)) {
    fail(
      `Robaccia needs Node ${engines.node}, got ${process.versions.node}: see https://nodejs.org/`,
    )
  }
}

/** pnpm keeps a copy of the lock file that it installed from; the stamp says that it got to the end. */
const stamp = `${root}/node_modules/.installed`

function isInstalled() {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted()
}

function wanted() {
  return `${process.platform} ${process.arch} ${readFileSync(`${root}/pnpm-lock.yaml`, 'utf8')}`
}

async function install() {
  console.log('Installing packages: the first time takes a minute or two.')
  const { code, log } = await quietly('npx', [
    '--yes',
    packageManager,
    'install',
    '--frozen-lockfile',
  ])
  if (code !== 0) {
    const missing = log.includes('gyp ERR!') ? missingTools() : []
    if (missing.length > 0) fail(howToCompile(missing))
    console.error(log.trimEnd().split('\n').slice(-40).join('\n'))
    fail('The packages could not be installed; the last lines of the log are above.')
  }
  mkdirSync(`${root}/node_modules`, { recursive: true })
  writeFileSync(stamp, wanted())
}

/** Runs a command and keeps what it prints; on a terminal its last line shows that it is at work. */
function quietly(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, shell: windows })
    let log = ''
    const take = (chunk) => {
      log += chunk
      const line = log.trimEnd().split('\n').at(-1) ?? ''
      if (process.stdout.isTTY) {
        process.stdout.write(`\r\u001b[K${line.slice(0, (process.stdout.columns ?? 80) - 1)}`)
      }
    }
    child.stdout.setEncoding('utf8').on('data', take)
    child.stderr.setEncoding('utf8').on('data', take)
    child.on('error', (error) => (log += `${error.message}\n`))
    child.on('close', (code) => {
      if (process.stdout.isTTY) process.stdout.write('\r\u001b[K')
      resolve({ code: code ?? 1, log })
    })
  })
}

/** What node-gyp needs and this machine lacks. */
function missingTools() {
  const tools = [
    ['python3', ['python3', 'python']],
    ['make', ['make', 'gmake']],
    ['a C++ compiler', ['c++', 'g++', 'clang++']],
  ]
  return windows
    ? ['Visual Studio Build Tools and Python']
    : tools
        .filter(([, names]) => names.every((name) => spawnSync(name, ['--version']).status !== 0))
        .map(([tool]) => tool)
}

function howToCompile(missing) {
  const how = {
    darwin: 'xcode-select --install',
    win32: 'winget install Python.Python.3.12 Microsoft.VisualStudio.2022.BuildTools',
  }
  return (
    `sqlite3 has to be compiled on this machine, and ${new Intl.ListFormat('en').format(missing)} ` +
    `${missing.length > 1 ? 'are' : 'is'} missing: install ${missing.length > 1 ? 'them' : 'it'} ` +
    `(${how[process.platform] ?? 'Debian and Ubuntu: sudo apt-get install python3 make g++'}) and try again.`
  )
}

/** Ends the process with one line that says why. */
export function fail(line) {
  console.error(line)
  process.exit(1)
}
