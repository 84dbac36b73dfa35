// Multipart bodies by hand, to say what no client says.
export const MULTIPART = 'multipart/form-data; boundary=X'
export const END = '--X--\r\n'

export function part(name: string, content: string, filename?: string, type?: string): string {
  const file = filename === undefined ? '' : `; filename="${filename}"`
  const typed = type === undefined ? '' : `content-type: ${type}\r\n`
  return `--X\r\ncontent-disposition: form-data; name="${name}"${file}\r\n${typed}\r\n${content}\r\n`
}
