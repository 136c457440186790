import { fieldsOf } from './field-values.ts'
import type { ExportedTask, Fields } from './types.ts'

const COLUMNS = [
  'TYPE',
  'CONTENT',
  'DESCRIPTION',
  'PRIORITY',
  'INDENT',
  'AUTHOR',
  'RESPONSIBLE',
  'DATE',
  'DATE_LANG',
  'TIMEZONE',
  'DURATION',
  'DURATION_UNIT',
  'TASKWIRE',
]

/** Writes the inbox first, then each list as a section. */
export function exportTodoist(tasks: ExportedTask[]): string {
  const byList = Map.groupBy(tasks, (task) => task.listName)
  const inbox = byList.get(null) ?? []
  byList.delete(null)
  const lists = [...byList].flatMap(([name, own]) => [toSection(name ?? ''), ...own.map(toRow)])
  const lines = [...inbox.map(toRow), ...lists].map((row) =>
    COLUMNS.map((column) => toCell(row.get(column) ?? '')).join(','),
  )
  return [COLUMNS.join(','), ...lines, ''].join('\r\n')
}

function toSection(name: string): Map<string, string> {
  return new Map([
    ['TYPE', 'section'],
    ['CONTENT', name],
  ])
}

function toRow(task: ExportedTask): Map<string, string> {
  const fields = fieldsOf(task)
  const own = { id: task.id, ...fields, deleted: task.deletedAt ?? undefined }
  return toCells(fields).set('TASKWIRE', JSON.stringify(own))
}

function toCell(value: string): string {
  return /[",\r\n]|^\s|\s$/u.test(value) ? `"${value.replaceAll('"', '""')}"` : value
}

// Todoist has three levels besides none, so `low` becomes its lowest level, like `medium`.
const LEVELS = { urgent: '1', high: '2', medium: '3', low: '3', none: '4' } as const

/** Returns the cells of a task as Todoist reads them, without empty cells. */
export function toCells(fields: Fields): Map<string, string> {
  const labels = fields.tags.map((tag) => `@${tag.replace(/\s+/gu, '_')}`)
  // Todoist would read other words with an @ as labels, so they are quoted.
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
