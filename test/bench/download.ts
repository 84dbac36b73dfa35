// Downloads a large file from a server and checks every byte, at full speed or slowly.
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { PatternFile } from './pattern-file.js'

export interface DownloadOptions {
  /** Milliseconds for which it takes no more than about a MiB in 50 ms; then it is fast. 0 unless given. */
  readonly slowFor?: number
}

/**
 * Reads by a socket of its own, into one buffer: an HTTP client would be slower than the servers.
 *
 * @throws Error when anything but the file comes
 */
export async function download(
  port: number,
  { block, size }: Pick<PatternFile, 'block' | 'size'>,
  { slowFor = 0 }: DownloadOptions = {},
): Promise<void> {
  const twice = Buffer.concat([block, block])
  const began = performance.now()
  let head = ''
  let received = 0
  let sip = 0
  const wrong = new AbortController()
  const take = (chunk: Buffer): boolean => {
    const place = received % block.length
    for (let at = 0; at < chunk.length;) {
      const from = (place + at) % block.length
      const length = Math.min(block.length, chunk.length - at)
      if (chunk.compare(twice, from, from + length, at, at + length) !== 0) {
        wrong.abort(new Error(`byte ${received + at} of a download must be the file's`))
        return false
      }
      at += length
    }
    received += chunk.length
    if (received >= size) socket.end()
    sip += chunk.length
    if (sip < 2 ** 20 || performance.now() - began > slowFor) return true
    sip = 0
    void sleep(50).then(() => socket.resume())
    return false
  }
  const socket = connect({
    port,
    host: '127.0.0.1',
    onread: {
      buffer: Buffer.alloc(256 * 1024),
      callback(count, buffer) {
        const chunk = Buffer.from(buffer.buffer, buffer.byteOffset, count)
        if (head.endsWith('\r\n\r\n')) return take(chunk)
        const end = chunk.indexOf('\r\n\r\n')
        head += chunk.toString('latin1', 0, end === -1 ? undefined : end + 4)
        return end === -1 || take(chunk.subarray(end + 4))
      },
    },
  })
  socket.write('GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n')
  try {
    await once(socket, 'close', { signal: wrong.signal })
  } catch (error) {
    throw wrong.signal.aborted ? wrong.signal.reason : error
  } finally {
    socket.destroy()
  }
  if (!head.startsWith('HTTP/1.1 200 ') || received !== size) {
    throw new Error(`a download must be 200 and ${size} bytes, got ${received} bytes after ${head}`)
  }
}
