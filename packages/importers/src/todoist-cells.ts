import type { Fields } from './types.ts'

// Todoist has three levels and none; a low priority is nearest to its lowest.
const LEVELS = { urgent: '1', high: '2', medium: '3', low: '3', none: '4' } as const

/** A task's cells as Todoist reads them; empty ones are left out. */
export function toCells(fields: Fields): Map<string, string> {
  const labels = fields.tags.map((tag) => `@${tag.replace(/\s+/gu, '_')}`)
  // A label within the sentence stands there already; any other word with an @ is text.
  const title = fields.title.replace(/(?<!\S)@\S+/gu, (word) => (labels.includes(word) ? word : `"${word}"`))
  const words = new Set(title.split(/\s+/u))
  const others = labels.filter((label) => !words.has(label))
  const { due } = fields
  const date = due !== null && 'time' in due ? `${due.date} ${due.time}` : (due?.date ?? '')
  const cells: [string, string][] = [
    ['TYPE', 'task'],
    ['CONTENT', [title, ...others].join(' ')],
    ['DESCRIPTION', fields.description ?? ''],
    ['PRIORITY', LEVELS[fields.priority]],
    ['INDENT', '1'],
    ['DATE', date],
    ['DATE_LANG', due === null ? '' : 'en'],
    ['TIMEZONE', due !== null && 'time' in due ? due.timeZone : ''],
  ]
  return new Map(cells.filter(([, value]) => value.trim() !== ''))
}
