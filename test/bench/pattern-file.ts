// A large file for downloads whose every byte a reader can tell: a random block again and again.
import { randomBytes } from 'node:crypto'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface PatternFile {
  readonly path: string
  /** What it repeats. */
  readonly block: Buffer
  /** Bytes of the whole. */
  readonly size: number
}

const BLOCK = 64 * 1024

/** Writes a file in a temporary folder, lets it be used, and removes it. */
export async function withPatternFile<Result>(
  size: number,
  use: (file: PatternFile) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-'))
  try {
    const path = join(folder, 'download')
    const block = randomBytes(BLOCK)
    const file = await open(path, 'w')
    for (let written = 0; written < size; written += BLOCK) await file.write(block)
    await file.close()
    return await use({ path, block, size })
  } finally {
    await rm(folder, { recursive: true })
  }
}
