import { fieldsOf } from './field-values.ts'
import { toCells } from './todoist-cells.ts'
import type { ExportedTask } from './types.ts'

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
