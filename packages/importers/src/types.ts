import type { Priority, TaskContent } from '@taskwire/contract/fields'
import type { Note } from './notes.ts'

export { PRIORITIES } from '@taskwire/contract/fields'
export type { Priority }

/** The formats that can be read and written. */
export const FORMATS = ['todotxt', 'icalendar', 'todoist', 'taskwarrior', 'googletasks', 'json'] as const
export type Format = (typeof FORMATS)[number]

/** An all-day date, or a wall-clock time (`HH:MM`) in an IANA zone. */
export type Due = null | { date: string } | { date: string; time: string; timeZone: string }

/** The fields of a task that callers set, and its list: a name, or null for the inbox. */
export interface Fields extends Omit<TaskContent, 'due'> {
  due: Due
  list: string | null
}

/** The input of `tasks.createMany`, except that its list is a name. */
export interface TaskDraft extends Fields {
  /** A UUID. The same task gets the same id in each import. */
  id: string
  source: { line?: number; label: string }
}

export interface Imported {
  tasks: TaskDraft[]
  notes: Note[]
}

/** The time zone and clock of the importing account, which times without a zone and dates like "tomorrow" depend on. */
export interface Account {
  /** An IANA zone. */
  timeZone: string
  now: Date
}

export interface ImportInput extends Account {
  text: string
  fileName: string
}

/** In formats that have only instants, an all-day date is midnight in `timeZone`. */
export type ExportOptions = Pick<Account, 'timeZone'>

/** A task as the API returns it, with the name of its list (null: the inbox). */
export interface ExportedTask extends Omit<Fields, 'list'> {
  id: string
  spaceId?: string
  userId?: string | null
  listId: string | null
  listName: string | null
  completedAt: string | null
  dueAt: string | null
  position?: string
  revision?: number
  createdAt: string
  updatedAt: string
  deletedAt: string | null
}

/** Throws NotThisFormat if the file does not have the format at all. Throws no other error. */
export type Importer = (input: ImportInput) => Imported
export type Exporter = (tasks: ExportedTask[], options: ExportOptions) => string

/** The contract's limits: `tags` is a number of tags, the others are lengths in Unicode code points. */
export const LIMITS = { title: 200, description: 1000, tag: 50, tags: 10, list: 100 } as const

/** The names of the formats, for messages. */
export const FORMAT_NAMES: Record<Format, string> = {
  todotxt: 'todo.txt',
  icalendar: 'iCalendar',
  todoist: 'Todoist CSV',
  taskwarrior: 'Taskwarrior JSON',
  googletasks: 'Google Tasks (Takeout JSON)',
  json: 'Taskwire JSON',
}

/** The error for a file that does not have the format at all. The message names the format, the reason and a remedy. */
export class NotThisFormat extends Error {
  override readonly name = 'NotThisFormat'
  readonly format: Format
  readonly reason: string

  constructor(format: Format, reason: string, remedy: string) {
    const article = /^[aeiou]/iu.test(FORMAT_NAMES[format]) ? 'an' : 'a'
    super(`This is not ${article} ${FORMAT_NAMES[format]} file: ${reason}. ${remedy}`)
    this.format = format
    this.reason = reason
  }
}
