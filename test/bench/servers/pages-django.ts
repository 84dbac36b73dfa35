// Django in a process of its own, which this one stands for: it says its port and its CPU time.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { options, ready } from './process.js'

const script = fileURLToPath(new URL('../servers/pages-django.py', import.meta.url))
// Debian's own Python has Debian's Django. It ends when its input does.
const python = spawn('/usr/bin/python3', [script, options[0] ?? ''], {
  stdio: ['pipe', 'pipe', 'inherit'],
})
python.on('exit', (code) => process.exit(code ?? 1))
const ticks = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))
const [line] = (await once(createInterface(python.stdout), 'line')) as [string]
ready(Number(line), () => {
  // utime and stime (proc(5)), behind a name that may hold spaces.
  const stat = readFileSync(`/proc/${python.pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
  return ((Number(stat[11]) + Number(stat[12])) / ticks) * 1e6
})
