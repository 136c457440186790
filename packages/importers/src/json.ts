/**
 * Taskwire's own JSON: the output of `export --format json`, the array of `list --all --json`, or one page of
 * `me.export` or several joined (their `lists` have the names of the lists). Every field of a task is restored except
 * its times. A task from the trash is imported outside the trash.
 */
import { assemble, type SourceTask } from './assemble.ts'
import { canonical, trashNote } from './extras.ts'
import { FIELD_NAMES, isDue, readExact } from './field-values.ts'
import { fieldNotes, fit, type TaskNote, timeNotes } from './fields.ts'
import {
  hasValue,
  isObject,
  type JsonObject,
  keepNewest,
  otherMembers,
  parseLoosely,
  REPAIRED,
  toText,
} from './json-objects.ts'
import { isOwn } from './guess.ts'
import { createNote } from './notes.ts'
import { quoteTitle, quote, stripBom } from './text.ts'
import { type ExportedTask, type Imported, type ImportInput, NotThisFormat } from './types.ts'

const REMEDY = 'Write one with: taskwire export --format json'
const MAPPED = [...FIELD_NAMES, 'listName']
// The service sets these for each new task.
const DERIVED = ['id', 'spaceId', 'userId', 'listId', 'dueAt', 'position', 'revision']
const TIMES = ['createdAt', 'completedAt', 'updatedAt']

export function importJson(input: ImportInput): Imported {
  const { value, repaired } = parseLoosely(stripBom(input.text))
  if (value === undefined) {
    const reason = input.text.trim() === '' ? 'it is empty' : 'it is not JSON, or only a part of it'
    throw new NotThisFormat('json', reason, REMEDY)
  }
  const items = tasksOf(value)
  const found = items?.filter(isObject).filter(isOwn)
  if (items === null || found === undefined || (items.length > 0 && found.length === 0)) {
    throw new NotThisFormat('json', 'it has no Taskwire tasks', REMEDY)
  }
  const notes = repaired ? [createNote('characters', { detail: REPAIRED })] : []
  for (const item of items) {
    if (!isObject(item) || !isOwn(item)) notes.push(createNote('left-out', { detail: quote(JSON.stringify(item)) }))
  }
  const lists = listNames(value)
  const newest = keepNewest(
    found,
    ({ id }) => toText(id),
    (left, right) => Number(left['revision']) < Number(right['revision']),
    ({ title }) =>
      notes.push(createNote('merged', { label: quoteTitle(toText(title)), detail: 'there is a newer version' })),
  )
  const tasks = newest.map((task) => readTask(task, lists))
  return assemble({ format: 'json', fileName: input.fileName }, tasks, notes)
}

function tasksOf(value: unknown): unknown[] | null {
  if (Array.isArray(value)) return value
  if (!isObject(value)) return null
  const { tasks, title } = value
  if (Array.isArray(tasks)) return tasks
  return typeof title === 'string' && isOwn(value) ? [value] : null
}

function listNames(value: unknown): Map<string, string> {
  const lists: unknown[] = isObject(value) && Array.isArray(value['lists']) ? value['lists'] : []
  return new Map(lists.filter(isObject).map(({ id, name }) => [toText(id), toText(name)]))
}

function readTask(task: JsonObject, lists: Map<string, string>): SourceTask {
  const notes: TaskNote[] = []
  const exact = readExact(task)
  for (const name of FIELD_NAMES) {
    if (name !== 'list' && !(name in exact) && hasValue(task[name])) {
      const why = name === 'due' && !isDue(task[name]) ? 'no such date, time or zone' : 'wrong type'
      notes.push({
        kind: name === 'due' ? 'due' : 'unreadable',
        detail: `${name} ${quote(toText(task[name]))}: ${why}`,
      })
    }
  }
  const list = readList(task, lists, notes)
  const [created, completed, modified] = TIMES.map((name) => toText(task[name]))
  const known = [...MAPPED, ...DERIVED, ...TIMES, 'deletedAt']
  const fitted = fit({ title: '', ...exact, list }, [
    ...notes,
    ...timeNotes({ created, completed, modified }),
    ...fieldNotes(otherMembers(task, known)),
    ...trashNote(toText(task['deletedAt'])),
  ])
  const stable = Object.entries(task).filter(([name]) => !DERIVED.includes(name) && !TIMES.includes(name))
  const ownId = toText(task['id']) || null
  return { ...fitted, ownId, text: canonical(Object.fromEntries(stable)) }
}

function readList(task: JsonObject, lists: Map<string, string>, notes: TaskNote[]): string | null {
  const named = task['listName'] ?? task['list']
  if (typeof named === 'string') return named
  const { listId } = task
  if (!hasValue(listId)) return null
  const name = lists.get(toText(listId))
  if (name === undefined) {
    notes.push({ kind: 'list', detail: toText(listId) })
  }
  return name ?? null
}

export function exportJson(tasks: ExportedTask[]): string {
  return `${JSON.stringify({ format: 'taskwire', version: 1, tasks }, null, 2)}\n`
}
