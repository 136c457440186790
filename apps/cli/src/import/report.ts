/** What an import did, as data for --json and in words. */
import { type Format, groupNotes, type Loss, type Note, NOTE_KINDS, type TaskDraft } from '@taskwire/importers'
import { printable } from '../screen.ts'
import { cut } from '../width.ts'
import { type Existing, STATES, type Uploaded } from './upload.ts'

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
  /**
   * Of the tasks that were imported or refused now, of what could not be read, and of the file where any was imported;
   * with --details of all.
   */
  notes: Note[]
  error: string | null
}

/** Of a file that could not be read. */
export function failedResult(file: string, error: string): FileResult {
  return { file, format: null, imported: 0, existing: countExisting([]), refused: 0, notes: [], error }
}

export function resultOf(
  { file, format, tasks, notes }: { file: string; format: Format; tasks: readonly TaskDraft[]; notes: readonly Note[] },
  { imported, existing, refused }: Uploaded,
  details = false,
): FileResult {
  return {
    file,
    format,
    imported: imported.size,
    existing: countExisting(existing),
    refused: refused.length,
    notes: [...(details ? notes : notesOfImported(tasks, notes, imported)), ...refused],
    error: null,
  }
}

function countExisting(existing: readonly Existing[]): FileResult['existing'] {
  const counts = { total: existing.length, same: 0, completed: 0, trash: 0, repeated: 0 }
  for (const { state } of existing) counts[state]++
  const changed = existing.filter(({ state }) => state !== 'same')
  const tasks = changed.map(({ task: { id, source }, ...rest }) => ({ id, ...source, ...rest }))
  return { ...counts, tasks }
}

/** What was told when a task was imported is not told again, unless asked for. */
function notesOfImported(
  tasks: readonly TaskDraft[],
  notes: readonly Note[],
  imported: ReadonlySet<string>,
): readonly Note[] {
  // Of a file without tasks they say why there are none.
  if (tasks.length === 0) return notes
  // What is in no task because it could not be read is of the file as it is now.
  const damage = ({ kind, label }: Note): boolean =>
    label === undefined && (kind === 'unreadable' || kind === 'damaged')
  if (imported.size === 0) return notes.filter(damage)
  const keyOf = (line: number | undefined, label: string | undefined): string => `${line ?? ''}\n${label ?? ''}`
  const [made, others] = [new Set<string>(), new Set<string>()]
  for (const { id, source } of tasks) (imported.has(id) ? made : others).add(keyOf(source.line, source.label))
  return notes.filter(({ line, label }) => {
    const key = keyOf(line, label)
    return label === undefined || made.has(key) || !others.has(key)
  })
}

const SHORT: Record<State, string> = {
  same: 'as imported',
  completed: 'completed since',
  trash: 'in the trash',
  repeated: 'also in an earlier file',
}

/** The line that sums a file up: `todo.txt (todotxt): 3 imported, 72 already there`. */
export function summaryOf(result: FileResult): string {
  const notes = result.notes.length
  const told = notes === 0 ? '' : `, ${notes} ${notes === 1 ? 'note' : 'notes'}`
  return `${printable(result.file)} (${result.format ?? 'unknown'}): ${countsOf([result])}${told}`
}

/** Of several files: `3 files: 3 imported, 72 already there, 1 file failed`. */
export function totalOf(results: readonly FileResult[]): string {
  const failed = results.filter(({ error }) => error !== null).length
  const told = failed === 0 ? '' : `, ${failed} ${failed === 1 ? 'file' : 'files'} failed`
  return `${results.length} files: ${countsOf(results)}${told}`
}

function countsOf(results: readonly FileResult[]): string {
  const sum = (of: (result: FileResult) => number): number => results.reduce((total, each) => total + of(each), 0)
  const there = STATES.filter((state) => state !== 'same')
    .map((state) => [sum(({ existing }) => existing[state]), SHORT[state]] as const)
    .filter(([count]) => count > 0)
    .map(([count, words]) => `${count} ${words}`)
  const refused = sum((result) => result.refused)
  return [
    `${sum(({ imported }) => imported)} imported`,
    `${sum(({ existing }) => existing.total)} already there${there.length === 0 ? '' : ` (${there.join(', ')})`}`,
    ...(refused === 0 ? [] : [`${refused} left out`]),
  ].join(', ')
}

/** A line for a person, and whether something is lost. */
export interface Told {
  loss: Loss
  text: string
}

/** The notes of a file, a line for each kind, what is lost first. */
export function groupsOf({ file, notes }: FileResult): Told[] {
  return groupNotes(notes).flatMap(({ kind, loss, notes: group }) => {
    // Each reason of the service's is told; of the others one that all share.
    const parts = kind === 'refused' ? [...Map.groupBy(group, ({ detail }) => detail).values()] : [group]
    return parts.map((part) => {
      const details = new Set(part.map(({ detail }) => detail))
      const [detail = ''] = details.size === 1 ? details : []
      const lines = linesOf(part.map(({ line }) => line))
      const words = [NOTE_KINDS[kind].sentence(part.length), cut(detail, MOST_SHOWN)].filter((each) => each !== '')
      return { loss, text: printable(`${file}: ${words.join(': ')}${lines === '' ? '' : ` (${lines})`}`) }
    })
  })
}

/** A line for each note, in the same order, and for each task that is there but not as it was imported. */
export function detailsOf({ file, notes, existing }: FileResult): Told[] {
  const placeOf = (line: number | undefined): string => (line === undefined ? file : `${file}:${line}`)
  const told = groupNotes(notes).flatMap(({ notes: group }) => group)
  return [
    ...told.map(({ kind, loss, line, label, detail }) => {
      // Of one, without its number.
      const sentence = NOTE_KINDS[kind].sentence(1).replace(/^1 /u, '')
      const words = [placeOf(line), label ?? '', sentence, detail].filter((each) => each !== '')
      return { loss, text: printable(words.join(': ')) }
    }),
    ...existing.tasks.map(({ line, label, state, file: from = '' }) => {
      const words = state === 'repeated' ? `already imported from ${from}` : `already there, ${SHORT[state]}`
      return { loss: 'info' as const, text: printable(`${placeOf(line)}: ${label}: ${words}`) }
    }),
  ]
}

const MOST_SHOWN = 120
const LINES_SHOWN = 3

/** `line 3`, `lines 3, 8 and 12`, `lines 3, 8, 12 and 40 more`; empty without any. */
export function linesOf(lines: readonly (number | undefined)[]): string {
  const all = [...new Set(lines.filter((line) => line !== undefined))].toSorted((a, b) => a - b)
  const hidden = all.length - LINES_SHOWN
  const shown = hidden > 1 ? [...all.slice(0, LINES_SHOWN), `${hidden} more`] : all
  if (shown.length <= 1) return shown.length === 0 ? '' : `line ${shown[0]}`
  return `lines ${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`
}
