/**
 * Google Tasks: the Tasks.json of Takeout, or one list as its API returns it.
 *
 * - Notes and links go into the description. A due date at 00:00, in UTC or in the account's zone, is all-day. Any
 *   other due date is a time in the account's zone.
 * - The status alone decides whether a task is complete. Deleted tasks are left out, with a note.
 * - The member `taskwire` has the values that Google Tasks has no member for.
 */
import { assemble, type SourceTask } from './assemble.ts'
import { inexactFields } from './extras.ts'
import { fieldsOf } from './field-values.ts'
import { readPlain, readTask } from './googletasks-read.ts'
import { writeItem } from './googletasks-write.ts'
import { isGoogle } from './guess.ts'
import { hasValue, isObject, type JsonObject, otherMembers, parseLoosely, REPAIRED, toText } from './json-objects.ts'
import { createNote, type Note } from './notes.ts'
import { quoteTitle, quote, stripBom } from './text.ts'
import { type ExportedTask, type ExportOptions, type Imported, type ImportInput, NotThisFormat } from './types.ts'

const REMEDY = 'Choose the Tasks.json of a Google Takeout.'
const LIST_MEMBERS = ['kind', 'id', 'title', 'items', 'taskwire', 'etag', 'selfLink', 'updated']
const INBOX = 'Inbox'

export function importGoogletasks(input: ImportInput): Imported {
  const { value, repaired } = parseLoosely(stripBom(input.text))
  if (value === undefined) {
    throw new NotThisFormat('googletasks', 'it is not JSON, or only a part of it', REMEDY)
  }
  if (!isObject(value) || !isGoogle(value)) {
    throw new NotThisFormat('googletasks', 'it has no member "kind" of Google Tasks', REMEDY)
  }
  const notes: Note[] = repaired ? [createNote('characters', { detail: REPAIRED })] : []
  const lists = value['kind'] === 'tasks#taskLists' ? itemsOf(value, 'the file', notes) : [value]
  const tasks = lists.flatMap((list) => readList(list, input.timeZone, notes))
  return assemble({ format: 'googletasks', fileName: input.fileName }, tasks, notes)
}

function itemsOf(holder: JsonObject, name: string, notes: Note[]): JsonObject[] {
  const { items } = holder
  const all: unknown[] = Array.isArray(items) ? items : hasValue(items) ? [items] : []
  for (const item of all) {
    if (!isObject(item)) notes.push(createNote('left-out', { detail: `${name}: ${quote(toText(item))}` }))
  }
  return all.filter(isObject)
}

function readList(list: JsonObject, account: string, notes: Note[]): SourceTask[] {
  const title = toText(list['title'])
  const isInbox = isObject(list['taskwire']) && list['taskwire']['inbox'] === true
  const name = `list ${quote(title)}`
  const items = itemsOf(list, name, notes)
  if (items.length === 0) notes.push(createNote('empty-list', { detail: name }))
  for (const [key, value] of otherMembers(list, LIST_MEMBERS))
    notes.push(createNote('field', { detail: `${name}: ${key} ${quote(value)}` }))
  return items.flatMap((item) => {
    if (item['deleted'] !== true || isObject(item['taskwire'])) {
      return [readTask(item, isInbox || title === '' ? null : title, account)]
    }
    notes.push(createNote('deleted', { label: quoteTitle(toText(item['title'])), detail: 'in Google Tasks' }))
    return []
  })
}

export function exportGoogletasks(tasks: ExportedTask[], { timeZone }: ExportOptions): string {
  const lists = [...Map.groupBy(tasks, (task) => task.listName)].map(([name, own]) => ({
    kind: 'tasks#tasks',
    id: own[0]?.listId ?? 'inbox',
    title: name ?? INBOX,
    taskwire: name === null ? { inbox: true } : undefined,
    items: own.map((task) => exportItem(task, timeZone)),
  }))
  return `${JSON.stringify({ kind: 'tasks#taskLists', items: lists }, null, 2)}\n`
}

function exportItem(task: ExportedTask, timeZone: string): JsonObject {
  const fields = fieldsOf(task)
  const item = writeItem(fields)
  const exact = inexactFields(fields, readPlain(item, task.listName, timeZone).fields)
  return {
    kind: 'tasks#task',
    id: task.id,
    ...item,
    created: task.createdAt,
    updated: task.updatedAt,
    completed: task.completedAt ?? undefined,
    deleted: task.deletedAt === null ? undefined : true,
    taskwire: { ...exact, deleted: task.deletedAt ?? undefined },
  }
}
