/**
 * Exact values beside plain ones. A format that cannot say something exactly (a tag with a blank, a
 * zone) gets the plain value, which other programs read, and the exact one under a name of our own.
 * On the way back the exact value counts only while the plain one still is what we would write for
 * it: an edit made in another program wins.
 */
import { isTimeZone } from '@taskwire/contract/time-zone'
import { isDate, isTime } from './dates.ts'
import { fit } from './fields.ts'
import type { Fitted, TaskNote } from './fields.ts'
import { parseJson } from './json-objects.ts'
import { quote } from './text.ts'
import { PRIORITIES } from './types.ts'
import type { Due, ExportedTask, Fields } from './types.ts'

export const FIELD_NAMES = [
  'title',
  'description',
  'complete',
  'priority',
  'tags',
  'due',
  'list',
] as const satisfies (keyof Fields)[]

export function fieldsOf(task: ExportedTask): Fields {
  return {
    title: task.title,
    description: task.description,
    complete: task.complete,
    priority: task.priority,
    tags: task.tags,
    due: task.due,
    list: task.listName,
  }
}

/** The fields that reading the plain record back would not give as they are. */
export function inexact(wanted: Fields, plain: Fields): Partial<Fields> {
  return Object.fromEntries(
    FIELD_NAMES.filter((name) => !same(wanted[name], plain[name])).map((name) => [name, wanted[name]]),
  )
}

/**
 * The plain record with the exact values that still hold. `reread` writes fields as the exporter
 * would and reads them back plainly.
 */
export function reconcile(plain: Fitted, exact: Partial<Fields>, reread: (fields: Fields) => Fields): Fitted {
  const names = FIELD_NAMES.filter((name) => name in exact)
  if (names.length === 0) return plain
  const merged: Fields = { ...plain.fields, ...exact }
  const expected = reread(merged)
  const held = names.filter((name) => same(plain.fields[name], expected[name]))
  const edited: TaskNote[] = names
    .filter((name) => !held.includes(name))
    .map((name) => ({ kind: 'edited', detail: `${name}: the change is taken` }))
  const kept = plain.notes.filter((note) => note.about === undefined || !held.includes(note.about))
  const fields = { ...plain.fields, ...Object.fromEntries(held.map((name) => [name, merged[name]])) }
  return fit(fields, [...kept, ...edited])
}

/** What a record holds under names of our own. */
export interface OwnValues {
  exact: Partial<Fields>
  deletedAt: string | null
  notes: TaskNote[]
}

/** Reads our own values by the names of fields; `id` is the caller's, others are noted. */
export function readOwn(values: Record<string, unknown>): OwnValues {
  const exact = readExact(values)
  const { deleted } = values
  const deletedAt = typeof deleted === 'string' ? deleted : null
  const notes = Object.entries(values)
    .filter(([name]) => !(name in exact) && name !== 'id' && !(name === 'deleted' && deletedAt !== null))
    .map(([name, value]): TaskNote => {
      const shown = quote(typeof value === 'string' ? value : JSON.stringify(value))
      return { kind: 'unreadable', detail: `Taskwire's own ${name} ${shown}` }
    })
  return { exact, deletedAt, notes: [...notes, ...trashNote(deletedAt)] }
}

/** An own value that is JSON; text that is not stays text. */
export function readOwnText(text: string): unknown {
  const value = parseJson(text)
  return value === undefined ? text : value
}

/** The fields among values that came as JSON; what is not of its field's type is left out. */
export function readExact(values: Record<string, unknown>): Partial<Fields> {
  const { title, description, complete, priority, tags, due, list } = values
  const known = PRIORITIES.find((name) => name === priority)
  return {
    ...(typeof title === 'string' && title !== '' ? { title } : {}),
    ...(typeof description === 'string' || description === null ? { description } : {}),
    ...(typeof complete === 'boolean' ? { complete } : {}),
    ...(known === undefined ? {} : { priority: known }),
    ...(isStrings(tags) ? { tags } : {}),
    ...(isDue(due) ? { due } : {}),
    ...(typeof list === 'string' || list === null ? { list } : {}),
  }
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}

/** True for null, a real all-day date, or a real time in a known zone. */
export function isDue(value: unknown): value is Due {
  if (value === null) return true
  if (typeof value !== 'object' || !('date' in value)) return false
  if (typeof value.date !== 'string' || !isDate(value.date)) return false
  if (!('time' in value)) return !('timeZone' in value)
  if (typeof value.time !== 'string' || !isTime(value.time)) return false
  return 'timeZone' in value && typeof value.timeZone === 'string' && isTimeZone(value.timeZone)
}

/** The note for a task that lay in the trash: the service makes live tasks only. */
export function trashNote(deletedAt: string | null): TaskNote[] {
  if (deletedAt === null || deletedAt === '') return []
  return [{ kind: 'trash', detail: `since ${deletedAt}` }]
}

function same(left: unknown, right: unknown): boolean {
  return left === right || canonical(left) === canonical(right)
}

/** JSON with its keys in order, so that equal values give equal text. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  )
}
