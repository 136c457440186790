/** The outcome of an import, as data for --json and as lines of text. */
import { basename } from 'node:path'
import {
  counted,
  type Existing,
  type Format,
  groupNotes,
  isInbox,
  linesOf,
  type Loss,
  type Note,
  NOTE_KINDS,
  notesOfImported,
  STATES,
  type TaskDraft,
  type Uploaded,
} from '@taskwire/importers'
import { printable } from '../screen.ts'
import { cut } from '../width.ts'
import type { Source } from './read-source.ts'

type State = Existing['state']

/** The outcome of one file; `import --json` writes it. */
export interface FileResult {
  file: string
  format: Format | null
  imported: number
  existing: Record<'total' | State, number> & {
    /** The tasks that have changed since they were imported. */
    tasks: { id: string; line?: number; label: string; state: State; file?: string }[]
  }
  /** How many tasks the service refused. */
  refused: number
  /**
   * Notes on tasks that were imported or refused in this run, on unreadable parts, and on the file if any task was
   * imported. With --details, all notes.
   */
  notes: Note[]
  error: string | null
}

/** The result of a file that could not be read. */
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

/** Returns the list of newly imported tasks that is named after the file: a Todoist file names no list itself. */
export function namesakeOf({ file, format, tasks }: Source, { imported }: Uploaded): string | undefined {
  if (format !== 'todoist') return undefined
  const lists = new Set(tasks.filter(({ id }) => imported.has(id)).map(({ list }) => list))
  return [...lists].find((list) => list !== null && !isInbox(list) && basename(file).startsWith(list)) ?? undefined
}

function countExisting(existing: readonly Existing[]): FileResult['existing'] {
  const counts = { total: existing.length, same: 0, completed: 0, trash: 0, repeated: 0 }
  for (const { state } of existing) counts[state]++
  const changed = existing.filter(({ state }) => state !== 'same')
  const tasks = changed.map(({ task: { id, source }, ...rest }) => ({ id, ...source, ...rest }))
  return { ...counts, tasks }
}

const STATE_LABELS: Record<State, string> = {
  same: 'as imported',
  completed: 'completed since',
  trash: 'in the trash',
  repeated: 'also in an earlier file',
}

/** Returns the summary of a file: `todo.txt (todotxt): 3 imported, 72 already there`. */
export function summaryOf(result: FileResult): string {
  const notes = result.notes.length
  const noted = notes === 0 ? '' : `, ${counted(notes, 'note')}`
  return `${printable(result.file)} (${result.format ?? 'unknown'}): ${countsOf([result])}${noted}`
}

/** Returns the summary of several files: `3 files: 3 imported, 72 already there, 1 file failed`. */
export function totalOf(results: readonly FileResult[]): string {
  const failed = results.filter(({ error }) => error !== null).length
  const failures = failed === 0 ? '' : `, ${counted(failed, 'file')} failed`
  return `${results.length} files: ${countsOf(results)}${failures}`
}

function countsOf(results: readonly FileResult[]): string {
  const sum = (of: (result: FileResult) => number): number => results.reduce((total, each) => total + of(each), 0)
  const there = STATES.filter((state) => state !== 'same')
    .map((state) => [sum(({ existing }) => existing[state]), STATE_LABELS[state]] as const)
    .filter(([count]) => count > 0)
    .map(([count, label]) => `${count} ${label}`)
  const refused = sum((result) => result.refused)
  return [
    `${sum(({ imported }) => imported)} imported`,
    `${sum(({ existing }) => existing.total)} already there${there.length === 0 ? '' : ` (${there.join(', ')})`}`,
    ...(refused === 0 ? [] : [`${refused} left out`]),
  ].join(', ')
}

/** A line of the report, and whether it is about a loss. */
export interface ReportLine {
  loss: Loss
  text: string
}

/** Returns the notes of a file: a line for each kind, losses first. */
export function groupsOf({ file, notes }: FileResult): ReportLine[] {
  return groupNotes(notes).flatMap(({ kind, loss, notes: group }) => {
    // Each reason for a refusal has its own line. Other kinds show a detail only if all their notes share it.
    const groups = kind === 'refused' ? [...Map.groupBy(group, ({ detail }) => detail).values()] : [group]
    return groups.map((part) => {
      const details = new Set(part.map(({ detail }) => detail))
      const [detail = ''] = details.size === 1 ? details : []
      const lines = linesOf(part.map(({ line }) => line))
      const parts = [NOTE_KINDS[kind].sentence(part.length), cut(detail, MAX_DETAIL_COLUMNS)].filter(
        (each) => each !== '',
      )
      return { loss, text: printable(`${file}: ${parts.join(': ')}${lines === '' ? '' : ` (${lines})`}`) }
    })
  })
}

/** Returns a line for each note, in the same order, and for each task that has changed since it was imported. */
export function detailsOf({ file, notes, existing }: FileResult): ReportLine[] {
  const locationOf = (line: number | undefined): string => (line === undefined ? file : `${file}:${line}`)
  const inOrder = groupNotes(notes).flatMap(({ notes: group }) => group)
  return [
    ...inOrder.map(({ kind, loss, line, label, detail }) => {
      // The sentence for one note, without its number.
      const sentence = NOTE_KINDS[kind].sentence(1).replace(/^1 /u, '')
      const parts = [locationOf(line), label ?? '', sentence, detail].filter((each) => each !== '')
      return { loss, text: printable(parts.join(': ')) }
    }),
    ...existing.tasks.map(({ line, label, state, file: from = '' }) => {
      const explanation =
        state === 'repeated' ? `already imported from ${from}` : `already there, ${STATE_LABELS[state]}`
      return { loss: 'info' as const, text: printable(`${locationOf(line)}: ${label}: ${explanation}`) }
    }),
  ]
}

const MAX_DETAIL_COLUMNS = 120
