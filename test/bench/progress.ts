// Says on a terminal what is being measured, in one line that is overwritten.

export type Progress = (text: string) => void

/** Writes to standard error, so that standard output has the tables only. Off a terminal it is silent. */
export function progressOf(subject: string): Progress {
  const { stderr } = process
  return (text) => {
    if (!stderr.isTTY) return
    const line = text === '' ? '' : `${subject}: ${text}`
    stderr.write(`\r\u001b[K${line.slice(0, stderr.columns - 1)}`)
  }
}
