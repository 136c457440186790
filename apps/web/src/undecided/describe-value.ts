import type { List } from '@taskwire/client'
import { formatDay } from '../tasks/words.ts'

/** What the reader of a value knows already. */
export interface Known {
  lists: readonly List[]
  /** A date, whose year is not written. */
  today: string
  /** The account's, which is not written. */
  timeZone: string
}

/** Writes the value of a field as people read it. */
export function describeValue(field: string, value: unknown, known: Known): string {
  if (field === 'listId') return value === null ? 'Inbox' : listName(value, known.lists)
  if (field === 'complete') return value === true ? 'Yes' : 'No'
  if (value === null || value === '') return field === 'due' ? 'Not due' : 'Empty'
  if (Array.isArray(value)) return value.length === 0 ? 'None' : value.map((tag) => `@${tag}`).join(' ')
  if (typeof value === 'object') return describeDue(value, known)
  if (typeof value !== 'string') return JSON.stringify(value)
  return field === 'priority' ? capital(value) : value
}

function listName(id: unknown, lists: readonly List[]): string {
  return lists.find((list) => list.id === id)?.name ?? 'A list that was deleted'
}

const dayOfYear = new Intl.DateTimeFormat(undefined, {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  timeZone: 'UTC',
})

/** A due has its date, and maybe a time in a zone. */
function describeDue(due: object, { today, timeZone }: Known): string {
  const date = 'date' in due ? String(due.date) : ''
  const day = date.slice(0, 4) === today.slice(0, 4) ? formatDay(date) : dayOfYear.format(new Date(date))
  if (!('time' in due)) return day
  const zone = 'timeZone' in due && due.timeZone !== timeZone ? ` (${String(due.timeZone).replaceAll('_', ' ')})` : ''
  return `${day}, ${String(due.time)}${zone}`
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
