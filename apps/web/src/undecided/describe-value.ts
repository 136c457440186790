import type { List } from '@taskwire/client'
import { formatDay } from '../tasks/words.ts'

/** Writes the value of a field as people read it. */
export function describeValue(field: string, value: unknown, lists: readonly List[]): string {
  if (field === 'listId') return value === null ? 'Inbox' : listName(value, lists)
  if (field === 'complete') return value === true ? 'Yes' : 'No'
  if (value === null || value === '') return field === 'due' ? 'Not due' : 'Empty'
  if (Array.isArray(value)) return value.length === 0 ? 'None' : value.map((tag) => `@${tag}`).join(' ')
  if (typeof value === 'object') return describeDue(value)
  if (typeof value !== 'string') return JSON.stringify(value)
  return field === 'priority' ? capital(value) : value
}

function listName(id: unknown, lists: readonly List[]): string {
  return lists.find((list) => list.id === id)?.name ?? 'A list that was deleted'
}

/** A due has its date, and maybe a time in a zone. */
function describeDue(due: object): string {
  const date = 'date' in due ? formatDay(String(due.date)) : ''
  return 'time' in due ? `${date}, ${String(due.time)}` : date
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
