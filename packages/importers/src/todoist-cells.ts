import type { Fields } from './types.ts'

// Todoist has three levels and none, so low becomes its lowest.
const LEVELS = { urgent: '1', high: '2', medium: '3', low: '3', none: '4' } as const

/** The cells of a task as Todoist reads them, without empty ones. */
export function toCells(fields: Fields): Map<string, string> {
  const labels = fields.tags.map((tag) => `@${tag.replace(/\s+/gu, '_')}`)
  // Other words with an @ are text, so they are quoted.
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
