export const SCHEMAS: readonly string[] = ['auth', 'tw', 'tw_migrations']

export interface Named {
  name: string
  text: string
}

/** By the code units of the key, as no database's collation would change it. */
export function inOrderOf<T>(rows: readonly T[], key: (row: T) => string): T[] {
  return rows.toSorted((a, b) => (key(a) < key(b) ? -1 : 1))
}
