/**
 * Google Tasks: the Tasks.json of Takeout, or one list as its API returns it.
 *
 * - Notes and links go into the description. A due date at 00:00 UTC is all-day; other times are
 *   kept as times in UTC, since Takeout has written midnight in the account's own zone.
 * - The status tells what is done, whatever else the task says. Deleted tasks stay behind, with a
 *   note.
 * - What Google Tasks has no member for is in a member of our own, `taskwire`.
 */
import { assemble } from './assemble.ts'
import type { SourceTask } from './assemble.ts'
import { fieldsOf, inexact } from './extras.ts'
import { readPlain, readTask } from './googletasks-read.ts'
import { writeItem } from './googletasks-write.ts'
import { isGoogle } from './guess.ts'
import { asText, isFilled, isObject, parseJson } from './json-objects.ts'
import type { JsonObject } from './json-objects.ts'
import { labelOf, quote, stripBom } from './text.ts'
import { NotThisFormat } from './types.ts'
import type { ExportedTask, Imported, ImportInput, Note } from './types.ts'

const REMEDY = 'Choose the Tasks.json of a Google Takeout.'
const LIST_MEMBERS = ['kind', 'id', 'title', 'items', 'taskwire', 'etag', 'selfLink', 'updated']
const INBOX = 'Inbox'

export function importGoogletasks(input: ImportInput): Imported {
  const value = parseJson(stripBom(input.text))
  if (value === undefined) {
    throw new NotThisFormat('googletasks', 'it is not JSON, or only a part of it', REMEDY)
  }
  if (!isObject(value) || !isGoogle(value)) {
    throw new NotThisFormat('googletasks', 'it has no member "kind" of Google Tasks', REMEDY)
  }
  const notes: Note[] = []
  const lists = value['kind'] === 'tasks#taskLists' ? itemsOf(value, 'the file', notes) : [value]
  const tasks = lists.flatMap((list) => readList(list, notes))
  const midnights = tasks.filter(({ fields: { due } }) => due !== null && 'time' in due)
  if (midnights.length > 0 && !tasks.some(({ own }) => own)) {
    notes.push({
      message: `due dates with a time (${midnights.length}) are kept as times in UTC: Google Tasks shows their dates only`,
    })
  }
  return assemble({ format: 'googletasks', fileName: input.fileName }, tasks, notes)
}

function itemsOf(holder: JsonObject, name: string, notes: Note[]): JsonObject[] {
  const items: unknown[] = Array.isArray(holder['items']) ? holder['items'] : []
  if (isFilled(holder['items']) && !Array.isArray(holder['items'])) {
    notes.push({ message: `${name}: items is no array, left out: ${quote(asText(holder['items']))}` })
  }
  for (const item of items.filter((each) => !isObject(each))) {
    notes.push({ message: `${name}: not a task, left out: ${quote(asText(item))}` })
  }
  return items.filter(isObject)
}

function readList(list: JsonObject, notes: Note[]): (SourceTask & { own: boolean })[] {
  const title = asText(list['title'])
  const isInbox = isObject(list['taskwire']) && list['taskwire']['inbox'] === true
  const name = `list ${quote(title)}`
  const items = itemsOf(list, name, notes)
  if (items.length === 0) notes.push({ message: `${name} has no tasks: not made` })
  const others = Object.keys(list).filter((key) => !LIST_MEMBERS.includes(key) && isFilled(list[key]))
  if (others.length > 0) notes.push({ message: `${name}: not kept: ${others.join(', ')}` })
  return items.flatMap((item) => {
    const own = isObject(item['taskwire'])
    if (item['deleted'] !== true || own) {
      return [{ ...readTask(item, isInbox || title === '' ? null : title), own }]
    }
    const named = labelOf(asText(item['title']))
    notes.push({ message: `${named}: not imported: it is deleted in Google Tasks` })
    return []
  })
}

export function exportGoogletasks(tasks: ExportedTask[]): string {
  const names = [...new Set(tasks.map((task) => task.listName))]
  const lists = names.map((name) => {
    const own = tasks.filter((task) => task.listName === name)
    return {
      kind: 'tasks#tasks',
      id: own[0]?.listId ?? 'inbox',
      title: name ?? INBOX,
      ...(name === null ? { taskwire: { inbox: true } } : {}),
      items: own.map(exportItem),
    }
  })
  return `${JSON.stringify({ kind: 'tasks#taskLists', items: lists }, null, 2)}\n`
}

function exportItem(task: ExportedTask): JsonObject {
  const fields = fieldsOf(task)
  const item = writeItem(fields)
  const exact = inexact(fields, readPlain(item, task.listName).fields)
  return {
    kind: 'tasks#task',
    id: task.id,
    ...item,
    created: task.createdAt,
    updated: task.updatedAt,
    ...(task.completedAt === null ? {} : { completed: task.completedAt }),
    ...(task.deletedAt === null ? {} : { deleted: true }),
    taskwire: { ...exact, ...(task.deletedAt === null ? {} : { deleted: task.deletedAt }) },
  }
}
