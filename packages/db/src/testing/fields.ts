import { type Field, LIST_FIELDS, listCreate, TASK_FIELDS, taskCreate } from '@taskwire/contract'
import type { Table } from './constraints.ts'

interface Parsed {
  success: boolean
  data?: unknown
}

/** A text field of a task or a list, in the contract and in the database. */
export interface TextField {
  name: string
  kind: 'line' | 'text'
  max: number
  nullable: boolean
  table: Table
  column: string
  /** Named after the column; that of a list's field begins with `list_`. */
  domain: string
  /** Parses an input with this value; `data` is the value in the result. */
  parse(value: unknown): Parsed
}

function textFieldsOf(
  table: Table,
  fields: Record<string, Field>,
  parseRow: (content: object) => { success: boolean; data?: object | undefined },
): TextField[] {
  return Object.entries(fields).flatMap(([name, field]) => {
    if (!('max' in field)) return []
    const { kind, max, nullable = false } = field
    const column = name.replaceAll(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`)
    const domain = table === 'tw.lists' ? `list_${column}` : column
    const parse = (value: unknown): Parsed => {
      const { success, data } = parseRow({ [name]: value })
      return success ? { success, data: Reflect.get(data ?? {}, name) } : { success }
    }
    return [{ name, kind, max, nullable, table, column, domain, parse }]
  })
}

/** All text fields of the contract's tables. */
export const TEXT_FIELDS: TextField[] = [
  ...textFieldsOf('tw.tasks', TASK_FIELDS, (content) => taskCreate.safeParse({ title: 'x', ...content })),
  ...textFieldsOf('tw.lists', LIST_FIELDS, (content) => listCreate.safeParse({ name: 'x', ...content })),
]
