import { type Due, PRIORITIES, type Task } from '@taskwire/contract'
import { textsOf } from '@taskwire/db'

/** Returns the tasks of a page, which tasks.list.sql sends as one text, or null if there are none. */
export function tasksOf(page: unknown, spaceId: string): Task[] {
  return typeof page === 'string' ? page.split('\u001e').map((row) => taskOf(row, spaceId)) : []
}

/** Returns the task of a row, with the same fields in the same order as tw.task_json(). */
function taskOf(row: string, spaceId: string): Task {
  const columns = row.split('\u001f')
  // In the order of [columns] in tasks.list.sql. An empty text is null.
  const [id = '', userId = '', listId = '', title = '', description = '', complete, completedAt = '', priority] =
    columns
  const [tags = '', dueDate = '', dueTime = '', dueZone = '', dueAt = '', position = ''] = columns.slice(8)
  const [revision, createdAt = '', updatedAt = '', deletedAt = ''] = columns.slice(14)
  return {
    id,
    spaceId,
    userId: orNull(userId),
    listId: orNull(listId),
    title,
    description: textOrNull(description),
    complete: complete === 't',
    completedAt: instantOrNull(completedAt),
    priority: PRIORITIES[Number(priority)] ?? 'none',
    tags: textsOf(tags),
    due: dueOf(dueDate, dueTime, dueZone),
    dueAt: instantOrNull(dueAt),
    position,
    revision: Number(revision),
    createdAt: instantOf(createdAt),
    updatedAt: instantOf(updatedAt),
    deletedAt: instantOrNull(deletedAt),
  }
}

/** A text that is sent as JSON. */
const textOrNull = (json: string): string | null => (json === '' ? null : String(JSON.parse(json)))

const orNull = (text: string): string | null => (text === '' ? null : text)

function dueOf(date: string, time: string, timeZone: string): Due | null {
  if (date === '') return null
  return time === '' ? { date } : { date, time: time.slice(0, 5), timeZone }
}

const instantOrNull = (text: string): string | null => (text === '' ? null : instantOf(text))

/** What is missing at the end of a timestamp, by its length: PostgreSQL leaves out zeros at the end. */
const ENDS: Readonly<Record<number, string>> = { 19: '.000Z', 21: '00Z', 22: '0Z', 23: 'Z' }

/** Converts a timestamp such as `2026-11-22 09:30:00.5` to the contract's form. */
function instantOf(text: string): string {
  const end = ENDS[text.length]
  // If the DateStyle is not the login's, the text has another form.
  if (end === undefined || text[4] !== '-') throw new Error('PostgreSQL sent a time that is not in ISO form')
  return `${text.slice(0, 10)}T${text.slice(11)}${end}`
}
