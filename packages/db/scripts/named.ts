export const OWNER = 'taskwire_owner'
export const SCHEMAS: readonly string[] = ['auth', 'tw', 'tw_migrations']

export interface Named {
  name: string
  text: string
}

/** Sorts by the code units of the key, independent of the database's collation. */
export function inOrderOf<T>(rows: readonly T[], key: (row: T) => string): T[] {
  return rows.toSorted((a, b) => (key(a) < key(b) ? -1 : 1))
}
