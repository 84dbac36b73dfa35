// What is loaded with the rows of a select.

export type AnyRow = Record<string, unknown>

/** What a relation is for the rows of one table. */
export interface Link {
  /** The column of these rows that the others are found by. */
  readonly key: string
  /** Gives what belongs to a row, for any of these rows. */
  load(rows: readonly AnyRow[]): Promise<(row: AnyRow) => unknown>
}

/** Adds to each row what its links load, and takes the columns away that were read only for that. */
export async function addRelated(
  rows: readonly AnyRow[],
  links: Readonly<Record<string, Link>>,
  names: readonly string[],
): Promise<void> {
  if (rows.length === 0) return
  const added: [name: string, of: (row: AnyRow) => unknown][] = []
  for (const [name, link] of Object.entries(links)) {
    // oxlint-disable-next-line no-await-in-loop -- one connection
    added.push([name, await link.load(rows)])
  }
  const extra = Object.values(links)
    .map(({ key }) => key)
    .filter((key) => !names.includes(key))
  for (const row of rows) {
    for (const [name, of] of added) row[name] = of(row)
    for (const key of extra) Reflect.deleteProperty(row, key)
  }
}
