import { readStamp, type Stamp } from './dates.ts'
import type { TaskNote } from './fields.ts'
import { quote } from './text.ts'

/**
 * Parses a due date as `readStamp` does, and notes text that is not a date. The note begins with `property`, if given.
 */
export function readDueStamp(text: string, notes: TaskNote[], property?: string): Stamp | null {
  const stamp = readStamp(text)
  if (stamp === null && text.trim() !== '') {
    const shown = property === undefined ? quote(text) : `${property} ${quote(text)}`
    notes.push({ kind: 'due', about: 'due', detail: `${shown}: no such date` })
  }
  return stamp
}
