/**
 * Exact values beside plain ones. Some formats cannot hold a value exactly, such as a tag with a space or a time zone.
 * Then the exporter writes two values: a plain one, which other programs read, and the exact one, under a name of
 * Taskwire's own. The importer uses the exact value if the plain value is still what the exporter would write for it.
 * Otherwise, another program has edited the plain value, and the importer uses the edited value.
 */
import { FIELD_NAMES, readExact } from './field-values.ts'
import { fit, type Fitted, type TaskNote } from './fields.ts'
import { parseJson } from './json-objects.ts'
import { quote } from './text.ts'
import type { Fields } from './types.ts'

/** Returns the fields whose exact values are lost if only the plain record is read back. */
export function inexactFields(wanted: Fields, plain: Fields): Partial<Fields> {
  return Object.fromEntries(
    FIELD_NAMES.filter((name) => !same(wanted[name], plain[name])).map((name) => [name, wanted[name]]),
  )
}

/** How plain records of a format are read, and how the exporter writes them. */
interface Plain<T> {
  read: (record: T) => Fitted
  write: (fields: Fields) => T
}

/** Reads a record, and replaces each plain value that was not edited by its exact value. */
export function reconcile<T>(record: T, { exact, notes: ownNotes }: OwnValues, { read, write }: Plain<T>): Fitted {
  const plain = read(record)
  const names = FIELD_NAMES.filter((name) => name in exact)
  if (names.length === 0) return { ...plain, notes: [...plain.notes, ...ownNotes] }
  const merged: Fields = { ...plain.fields, ...exact }
  const expected = read(write(merged)).fields
  const unedited = names.filter((name) => same(plain.fields[name], expected[name]))
  const edited = names
    .filter((name) => !unedited.includes(name))
    .map((name): TaskNote => ({ kind: 'edited', detail: `${name}: the changed value is used` }))
  const kept = plain.notes.filter((note) => note.about === undefined || !unedited.includes(note.about))
  const fields = { ...plain.fields, ...Object.fromEntries(unedited.map((name) => [name, merged[name]])) }
  return fit(fields, [...kept, ...edited, ...ownNotes])
}

/** The values under Taskwire's own names. */
export interface OwnValues {
  exact: Partial<Fields>
  deletedAt: string | null
  notes: TaskNote[]
}

/** Reads Taskwire's own values by field name. Notes invalid and unknown values, except `id`, which callers read. */
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

/** Parses an own value as JSON; returns other text unchanged. */
export function parseOwnValue(text: string): unknown {
  const value = parseJson(text)
  return value === undefined ? text : value
}

/** Returns the note for a task from the trash. It is imported outside the trash: the service creates no task in it. */
export function trashNote(deletedAt: string | null): TaskNote[] {
  if (deletedAt === null || deletedAt === '') return []
  return [{ kind: 'trash', detail: `since ${deletedAt}` }]
}

function same(left: unknown, right: unknown): boolean {
  return left === right || canonical(left) === canonical(right)
}

/** JSON with sorted keys, so that equal values have equal text. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  )
}
