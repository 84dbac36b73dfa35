/** An input of chunks, without a declared length; it counts what is asked of it. */
export function chunked(chunks: Iterable<string | Uint8Array | Error>) {
  const asked = { chunks: 0, closed: false }
  async function* input() {
    try {
      for (const chunk of chunks) {
        asked.chunks++
        if (chunk instanceof Error) throw chunk
        yield Buffer.from(chunk)
      }
    } finally {
      asked.closed = true
    }
  }
  return { asked, environ: { 'robaccia.input': input() } }
}
