import type { Fields } from './types.ts'

// Todoist has three levels and none; a low priority is nearest to its lowest.
const LEVELS = { urgent: '1', high: '2', medium: '3', low: '3', none: '4' } as const

/** A task's cells as Todoist reads them; empty ones are left out. */
export function toCells(fields: Fields): Map<string, string> {
  const title = fields.title.replace(/(?<!\S)@\S+/gu, '"$&"')
  const labels = fields.tags.map((tag) => `@${tag.replace(/\s+/gu, '_')}`)
  const { due } = fields
  const date = due !== null && 'time' in due ? `${due.date} ${due.time}` : (due?.date ?? '')
  const cells: [string, string][] = [
    ['TYPE', 'task'],
    ['CONTENT', [title, ...labels].join(' ')],
    ['DESCRIPTION', fields.description ?? ''],
    ['PRIORITY', LEVELS[fields.priority]],
    ['INDENT', '1'],
    ['DATE', date],
    ['DATE_LANG', due === null ? '' : 'en'],
    ['TIMEZONE', due !== null && 'time' in due ? due.timeZone : ''],
  ]
  return new Map(cells.filter(([, value]) => value.trim() !== ''))
}
