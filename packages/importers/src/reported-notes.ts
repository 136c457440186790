import type { Note } from './notes.ts'
import type { TaskDraft } from './types.ts'

/**
 * Returns the notes to report if the tasks `imported` are created. A note on a task is reported once, when the task is
 * imported.
 */
export function notesOfImported(
  tasks: readonly TaskDraft[],
  notes: readonly Note[],
  imported: ReadonlySet<string>,
): readonly Note[] {
  // For a file without tasks, the notes say why there are none.
  if (tasks.length === 0) return notes
  // Damage that belongs to no task is still in the file, so each run reports it.
  const isDamage = ({ kind, label }: Note): boolean =>
    label === undefined && (kind === 'unreadable' || kind === 'damaged')
  if (imported.size === 0) return notes.filter(isDamage)
  const keyOf = (line: number | undefined, label: string | undefined): string => `${line ?? ''}\n${label ?? ''}`
  const [made, others] = [new Set<string>(), new Set<string>()]
  for (const { id, source } of tasks) (imported.has(id) ? made : others).add(keyOf(source.line, source.label))
  return notes.filter(({ line, label }) => {
    const key = keyOf(line, label)
    return label === undefined || made.has(key) || !others.has(key)
  })
}

const MAX_LINES_SHOWN = 3

/** Returns `line 3`, `lines 3, 8 and 12` or `lines 3, 8, 12 and 40 more`; an empty text for no lines. */
export function linesOf(lines: readonly (number | undefined)[]): string {
  const all = [...new Set(lines.filter((line) => line !== undefined))].toSorted((a, b) => a - b)
  const hidden = all.length - MAX_LINES_SHOWN
  const shown = hidden > 1 ? [...all.slice(0, MAX_LINES_SHOWN), `${hidden} more`] : all
  if (shown.length <= 1) return shown.length === 0 ? '' : `line ${shown[0]}`
  return `lines ${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`
}
