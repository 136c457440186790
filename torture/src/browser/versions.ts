import type { Replacement } from './bundle-page.ts'

// Other versions of the page. The replacements fail if the code no longer has the lines that they replace.

/** A page of an older contract, in which tasks have no priority. */
export const OLDER_CONTRACT: readonly Replacement[] = [
  { file: 'contract/src/version.ts', from: /CONTRACT_VERSION = '[^']*'/, to: "CONTRACT_VERSION = '1.0.0-alpha.1'" },
  { file: 'contract/src/hash.ts', from: /CONTRACT_HASH(: string)? = '[^']*'/, to: "CONTRACT_HASH = 'older'" },
  { file: 'contract/src/fields.ts', from: /^ *priority: .*\n/m, to: '' },
  // It dropped the field of each task that it read, as a service without the field would have.
  {
    file: 'store/sync/read-space.ts',
    from: /\.set\(task\.id, task\)/,
    to: '.set(task.id, (({ priority, ...older }) => older)(task))',
  },
]

/** A page whose store has a newer layout. */
export const NEWER_LAYOUT: readonly Replacement[] = [
  { file: 'store/database.ts', from: /const VERSION = \d+/, to: 'const VERSION = 1000' },
  // The databases that it opens have all the object stores.
  {
    file: 'store/database.ts',
    from: /upgrade\(db([^)]*)\) \{/,
    to: 'upgrade(db$1) {\nif (db.objectStoreNames.length > 0) return',
  },
]

/** A page that splits pages of more than eight rows, and writes recent rows to them at once. */
export const SMALL_PAGES: readonly Replacement[] = [
  { file: 'store/page.ts', from: /const ROWS = \d+/, to: 'const ROWS = 4' },
  { file: 'store/stored-rows.ts', from: /const MAX_RECENT = \d+/, to: 'const MAX_RECENT = 0' },
  { file: 'store/stored-rows.ts', from: /const PAGES_AT_A_TIME = \d+/, to: 'const PAGES_AT_A_TIME = 3' },
]
