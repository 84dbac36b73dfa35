// Lines for a terminal without what moves its cursor or begins a line: a request could write other requests' lines.

/** A line as data, with its control characters shown as `\u001b`, in keys and values at any depth. */
export function visible(value: unknown, key?: string): unknown {
  if (typeof value === 'string') {
    // Of a stack each line stands indented.
    return key === 'stack' ? value.split('\n').map(shown).join('\n') : shown(value)
  }
  if (Array.isArray(value)) return value.map((each) => visible(each))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [shown(name), visible(each, name)]),
  )
}

function shown(text: string): string {
  return text.replace(
    // oxlint-disable-next-line no-control-regex -- they are what must not be written
    /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
