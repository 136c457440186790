/**
 * Taskwarrior JSON: the output of `task export`, one object, or one object per line (as in a sync backlog).
 *
 * - The project is the list, dots included. H, M and L are high, medium and low.
 * - Annotations and attributes that are a web address go into the description.
 * - Waiting tasks are open. Deleted tasks are left out, with a note. The template of a recurring task is left out too
 *   if the file has one of its instances.
 * - A due time at midnight in the account's zone is an all-day date, because Taskwarrior writes such dates in this way.
 * - Of several states of a task (as in a sync backlog), the latest is imported.
 * - Attributes `taskwire_…` have the exact values that the format cannot express.
 */
import { assemble, type SourceTask } from './assemble.ts'
import { showTime } from './dates.ts'
import { isTaskwarrior } from './guess.ts'
import { type FoundObject, keepNewest, type Scan, scanObjects, toText } from './json-objects.ts'
import { createNote, type Note } from './notes.ts'
import { readTask } from './taskwarrior-read.ts'
import { quoteTitle, quote, stripBom } from './text.ts'
import { type Imported, type ImportInput, NotThisFormat } from './types.ts'

export { exportTaskwarrior } from './taskwarrior-write.ts'

const REMEDY = 'Write one with: task export > tasks.json'

export function importTaskwarrior(input: ImportInput): Imported {
  const text = stripBom(input.text)
  const scan = scanObjects(text)
  const found = scan.objects.filter(({ value }) => isTaskwarrior(value))
  if (found.length === 0 && !/^\s*\[\s*\]\s*$/u.test(text)) {
    throw new NotThisFormat('taskwarrior', reasonOf(text, scan), REMEDY)
  }
  const notes = damageNotes(scan)
  const latest = keepNewest(
    found,
    ({ value }) => toText(value['uuid']),
    isOlder,
    (older, { line }) =>
      notes.push(createNote('merged', { line: older.line, label: nameOf(older), detail: `line ${line} is newer` })),
  )
  const parents = new Set(latest.map(({ value }) => toText(value['parent'])).filter((id) => id !== ''))
  const tasks = latest.flatMap((object): SourceTask[] => {
    const skip = reasonToSkip(object, parents)
    if (skip === null) return [{ ...readTask(object, input.timeZone), line: object.line }]
    notes.push(createNote(skip.kind, { line: object.line, label: nameOf(object), detail: skip.detail }))
    return []
  })
  return assemble({ format: 'taskwarrior', fileName: input.fileName }, tasks, notes)
}

function reasonOf(text: string, scan: Scan): string {
  if (text.trim() === '') return 'it is empty'
  if (/^\s*\[\w+:"/u.test(text)) return "it is Taskwarrior's own data file, not an export"
  if (scan.objects.length > 0) return 'its objects lack a description, or a uuid or status'
  return 'it has no JSON object'
}

function damageNotes(scan: Scan): Note[] {
  const damaged = scan.damaged.map(({ line, text }) => createNote('unreadable', { line, detail: quote(text) }))
  const others = scan.objects
    .filter(({ value }) => !isTaskwarrior(value))
    .map(({ line, value }) => createNote('left-out', { line, detail: quote(JSON.stringify(value)) }))
  return [...damaged, ...others]
}

function isOlder(left: FoundObject, right: FoundObject): boolean {
  const [a, b] = [left, right].map(({ value }) => showTime(toText(value['modified'])))
  return a !== undefined && b !== undefined && a !== '' && b !== '' && a < b
}

function reasonToSkip({ value }: FoundObject, parents: Set<string>): Pick<Note, 'kind' | 'detail'> | null {
  const status = toText(value['status'])
  if (status === 'deleted' && !('taskwire_deleted' in value)) return { kind: 'deleted', detail: 'in Taskwarrior' }
  if (status !== 'recurring' || !parents.has(toText(value['uuid']))) return null
  return { kind: 'recurrence', detail: `recur ${quote(toText(value['recur']))}; its instances are imported` }
}

function nameOf(object: FoundObject): string {
  return quoteTitle(toText(object.value['description']))
}
