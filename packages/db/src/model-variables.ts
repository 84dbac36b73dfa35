// What tables are called in a module: `user_account` is `userAccount`, and what JavaScript or the imports
// need for themselves gets another name.

// What no `const` of a module can be called (ECMA-262 §12.7.2, §13.1.1), or should not.
const words =
  'arguments await break case catch class const continue debugger default delete do else enum eval export extends false finally for function if implements import in instanceof interface let new null package private protected public return static super switch this throw true try typeof undefined var void while with yield'
const imported =
  'db string text integer bigInteger float decimal boolean date datetime json uuid increments now randomUuid Date AnyColumn'
const taken = new Set(`${words} ${imported}`.split(' '))

export function variableNames(tables: readonly string[]): ReadonlyMap<string, string> {
  const used = new Set(taken)
  const names = new Map<string, string>()
  for (const table of tables) {
    const plain = camelCase(table)
    const candidates = [plain, `${plain}Table`]
    for (let number = 2; candidates.every((name) => used.has(name)); number += 1) {
      candidates.push(`${plain}${number}`)
    }
    const name = candidates.find((each) => !used.has(each)) ?? plain
    used.add(name)
    names.set(table, name)
  }
  return names
}

function camelCase(name: string): string {
  const [first = '', ...rest] = name.split('_').filter((part) => part !== '')
  const start = /^[A-Z\d]+$/.test(first)
    ? first.toLowerCase()
    : first.charAt(0).toLowerCase() + first.slice(1)
  return start + rest.map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join('')
}
