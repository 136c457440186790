import type { Note } from './notes.ts'

/** The formats that `taskwire import` reads and `taskwire export` writes. */
export const FORMATS = ['todotxt', 'icalendar', 'todoist', 'taskwarrior', 'googletasks', 'json'] as const
export type Format = (typeof FORMATS)[number]

export const PRIORITIES = ['none', 'low', 'medium', 'high', 'urgent'] as const
export type Priority = (typeof PRIORITIES)[number]

/** An all-day date, or a wall-clock time (`HH:MM`) in an IANA zone. */
export type Due = null | { date: string } | { date: string; time: string; timeZone: string }

/** What a task is, apart from its id and its times. `list` is a name; null is the inbox. */
export interface Fields {
  title: string
  description: string | null
  complete: boolean
  priority: Priority
  tags: string[]
  due: Due
  list: string | null
}

/** A task ready for `tasks.createMany`, once its list name has become an id. */
export interface TaskDraft extends Fields {
  /** A UUID: the same for the same task in a second import. */
  id: string
  source: { line?: number; label: string }
}

export interface Imported {
  tasks: TaskDraft[]
  notes: Note[]
}

/** Whose tasks they become: it tells times without a zone and dates such as "tomorrow". */
export interface Account {
  /** An IANA zone. */
  timeZone: string
  now: Date
}

export interface ImportInput extends Account {
  text: string
  fileName: string
}

/** The zone whose midnight stands for an all-day date in formats that have instants only. */
export type ExportOptions = Pick<Account, 'timeZone'>

/** A task as the API returns it, with the name of its list (null: the inbox). */
export interface ExportedTask {
  id: string
  spaceId?: string
  userId?: string | null
  listId: string | null
  listName: string | null
  title: string
  description: string | null
  complete: boolean
  completedAt: string | null
  priority: Priority
  tags: string[]
  due: Due
  dueAt: string | null
  position?: string
  revision?: number
  createdAt: string
  updatedAt: string
  deletedAt: string | null
}

/** Throws nothing but NotThisFormat, and that only for a file that is not of the format at all. */
export type Importer = (input: ImportInput) => Imported
export type Exporter = (tasks: ExportedTask[], options: ExportOptions) => string

/** The contract's limits, in Unicode code points (tags: a count). */
export const LIMITS = { title: 200, description: 1000, tag: 50, tags: 10, list: 100 } as const

const NAMES: Record<Format, string> = {
  todotxt: 'todo.txt',
  icalendar: 'iCalendar',
  todoist: 'Todoist CSV',
  taskwarrior: 'Taskwarrior JSON',
  googletasks: 'Google Tasks (Takeout JSON)',
  json: 'Taskwire JSON',
}

/** The file is not of the format at all. The message names the format, the reason and a remedy. */
export class NotThisFormat extends Error {
  override readonly name = 'NotThisFormat'
  readonly format: Format
  readonly reason: string

  constructor(format: Format, reason: string, remedy: string) {
    const article = /^[aeiou]/iu.test(NAMES[format]) ? 'an' : 'a'
    super(`This is not ${article} ${NAMES[format]} file: ${reason}. ${remedy}`)
    this.format = format
    this.reason = reason
  }
}
