/** Loads the files of test-fixtures, and shows imported tasks and notes in a short form. */
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { EMPTY } from '../field-values.ts'
import type { Account, ExportedTask, Imported, ImportInput, TaskDraft } from '../types.ts'

const folder = join(import.meta.dirname, '../../test-fixtures')

/** `now` is a Friday, 11:00 in New York. */
export const ACCOUNT: Account = { timeZone: 'America/New_York', now: new Date('2026-05-01T15:00:00Z') }

export function input(text: string, fileName = 'a.txt'): ImportInput {
  return { ...ACCOUNT, text, fileName }
}

export function load(path: string): ImportInput {
  return input(readFileSync(join(folder, path), 'utf8'), basename(path))
}

/** Returns a task in the form in which the service returns it. */
export function stored(fields: Partial<ExportedTask> = {}): ExportedTask {
  const { list: listName, ...empty } = EMPTY
  return {
    ...empty,
    id: '6a0f3f5e-3c58-4a6e-9a52-0d2b8f6f2a11',
    listId: null,
    listName,
    title: 'a',
    completedAt: null,
    dueAt: null,
    createdAt: '2026-01-02T00:00:00.000Z',
    updatedAt: '2026-01-02T00:00:00.000Z',
    deletedAt: null,
    ...fields,
  }
}

/** Returns an imported task in the form in which the service returns it. */
export function storedDraft({ list, source, ...fields }: TaskDraft): ExportedTask {
  const listId = list === null ? null : '0198c0de-0000-7000-8000-000000000001'
  const task = stored({ ...fields, listName: list, listId, position: String(source.line) })
  return fields.complete ? { ...task, completedAt: task.updatedAt } : task
}

export function listFixtures(format: string): string[] {
  return readdirSync(join(folder, format)).map((file) => `${format}/${file}`)
}

export function titles({ tasks }: Imported): string[] {
  return tasks.map(({ title }) => title)
}

export function ids({ tasks }: Imported): string[] {
  return tasks.map(({ id }) => id)
}

/** Formats notes as `line kind: label: detail`. */
export function messages({ notes }: Imported): string[] {
  return notes.map(({ line, kind, label, detail }) => {
    return [`${line ?? '-'} ${kind}`, ...(label === undefined ? [] : [label]), detail].join(': ')
  })
}
