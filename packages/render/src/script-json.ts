// JSON that is safe inside a <script> element, where HTML's own escapes do not count.

const dangerous = /[<>&\u2028\u2029]/g

/**
 * A value as JSON that can stand anywhere in a `script` element, as data or as an expression:
 * no character is left that could end the element, open a comment or (before ES2019) end a line.
 * What JSON cannot say (undefined, a function) is `null`. Templates have it as `json`.
 *
 * @throws TypeError for a BigInt or a value that contains itself, as JSON.stringify does
 */
export function scriptJson(value: unknown): string {
  // JSON.stringify's type leaves out that it gives undefined for what JSON cannot say.
  const text = JSON.stringify(value) as string | undefined
  return (text ?? 'null').replace(
    dangerous,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
