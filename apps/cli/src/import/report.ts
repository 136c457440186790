import type { Format, Note } from '../formats/types.ts'
import { printable } from '../screen.ts'
import { type Existing, STATES } from './upload.ts'

type State = Existing['state']

/** What became of one file; `import --json` writes it. */
export interface FileResult {
  file: string
  format: Format | null
  imported: number
  existing: Record<'total' | State, number> & {
    /** Those that are not as they were imported. */
    tasks: { id: string; line?: number; label: string; state: State; file?: string }[]
  }
  /** Tasks that the service does not take. */
  refused: number
  notes: Note[]
  error: string | null
}

/** Of a file that could not be read. */
export function failedResult(file: string, error: string): FileResult {
  return { file, format: null, imported: 0, existing: countExisting([]), refused: 0, notes: [], error }
}

export function countExisting(existing: readonly Existing[]): FileResult['existing'] {
  const counts = { total: existing.length, same: 0, completed: 0, trash: 0, repeated: 0 }
  for (const { state } of existing) counts[state]++
  const changed = existing.filter(({ state }) => state !== 'same')
  const tasks = changed.map(({ task: { id, source }, ...rest }) => ({ id, ...source, ...rest }))
  return { ...counts, tasks }
}

const WORDS: Record<State, (file: string) => string> = {
  same: () => 'already there',
  completed: () => 'already there, and completed since',
  trash: () => 'already there, in the trash',
  repeated: (file) => `already imported from ${file}`,
}
const SHORT: Record<State, string> = {
  same: 'as imported',
  completed: 'completed since',
  trash: 'in the trash',
  repeated: 'also in an earlier file',
}

/** The line that sums a file up: `todo.txt (todotxt): 3 imported, 72 already there`. */
export function summaryOf({ file, format, imported, existing, refused, notes }: FileResult): string {
  const others = STATES.filter((state) => state !== 'same' && existing[state] > 0)
  const there = others.map((state) => `${existing[state]} ${SHORT[state]}`).join(', ')
  const parts = [`${imported} imported`, `${existing.total} already there${there === '' ? '' : ` (${there})`}`]
  if (refused > 0) parts.push(`${refused} left out`)
  if (notes.length > 0) parts.push(`${notes.length} ${notes.length === 1 ? 'note' : 'notes'}`)
  return `${printable(file)} (${format ?? 'unknown'}): ${parts.join(', ')}`
}

/** A line for each task that is there, but not as it was imported. */
export function detailsOf({ file, existing }: FileResult): string[] {
  return existing.tasks.map(({ line, label, state, file: from = '' }) =>
    printable(`${placeOf(file, line)}: ${label}: ${WORDS[state](from)}`),
  )
}

export function placeOf(file: string, line: number | undefined): string {
  return line === undefined ? file : `${file}:${line}`
}
