// A client that writes what it is told, byte by byte, and shows what came back as it came.
import { once } from 'node:events'
import { connect } from 'node:net'

/** Sends a text (Latin-1) and gives back all that the server sends until it closes the connection. */
export async function exchange(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  socket.on('error', () => {})
  socket.write(Buffer.from(text, 'latin1'))
  await once(socket, 'close')
  return Buffer.concat(chunks).toString('latin1')
}

/** The same for one request that asks the server to close afterwards. */
export function request(port: number, line: string, ...headers: string[]): Promise<string> {
  const head = [`${line} HTTP/1.1`, 'Host: localhost', 'Connection: close', ...headers]
  return exchange(port, `${head.join('\r\n')}\r\n\r\n`)
}
