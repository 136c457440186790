import { inexactFields } from './extras.ts'
import { fieldsOf } from './field-values.ts'
import type { JsonObject } from './json-objects.ts'
import { stamp, writeAttributes } from './taskwarrior-attributes.ts'
import { readPlain } from './taskwarrior-read.ts'
import type { ExportedTask, ExportOptions } from './types.ts'

export function exportTaskwarrior(tasks: ExportedTask[], { timeZone }: ExportOptions): string {
  const lines = tasks.map((task) => JSON.stringify(writeTask(task, timeZone)))
  return lines.length === 0 ? '[]\n' : `[\n${lines.join(',\n')}\n]\n`
}

function writeTask(task: ExportedTask, timeZone: string): JsonObject {
  const fields = fieldsOf(task)
  const entry = stamp(new Date(task.createdAt))
  const plain = writeAttributes(fields, entry, timeZone)
  const record = task.deletedAt === null ? plain : { ...plain, status: 'deleted' }
  const exact = inexactFields(fields, readPlain(record, timeZone).fields)
  // The file may be read in another zone, where days begin at other instants.
  const isAllDay = fields.due !== null && !('time' in fields.due)
  const own = Object.entries(isAllDay ? { ...exact, zone: timeZone } : exact).map(([name, value]) => [
    `taskwire_${name}`,
    JSON.stringify(value),
  ])
  const ended = task.deletedAt ?? task.completedAt
  return {
    ...record,
    uuid: task.id,
    entry,
    modified: stamp(new Date(task.updatedAt)),
    end: ended === null ? undefined : stamp(new Date(ended)),
    ...Object.fromEntries(own),
    taskwire_deleted: task.deletedAt ?? undefined,
  }
}
