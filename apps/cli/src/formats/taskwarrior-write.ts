import { fieldsOf, inexact } from './extras.ts'
import type { JsonObject } from './json-objects.ts'
import { stamp, writeAttributes } from './taskwarrior-attributes.ts'
import { readPlain } from './taskwarrior-read.ts'
import type { ExportedTask } from './types.ts'

export function exportTaskwarrior(tasks: ExportedTask[]): string {
  const lines = tasks.map((task) => JSON.stringify(writeTask(task)))
  return lines.length === 0 ? '[]\n' : `[\n${lines.join(',\n')}\n]\n`
}

function writeTask(task: ExportedTask): JsonObject {
  const fields = fieldsOf(task)
  const entry = stamp(new Date(task.createdAt))
  const plain = writeAttributes(fields, entry)
  const trashed = task.deletedAt === null ? {} : { taskwire_deleted: task.deletedAt }
  const record = { ...plain, ...(task.deletedAt === null ? {} : { status: 'deleted' }) }
  const exact = inexact(fields, readPlain(record).fields)
  const own = Object.entries(exact).map(([name, value]) => [`taskwire_${name}`, JSON.stringify(value)])
  const ended = task.deletedAt ?? task.completedAt
  return {
    ...record,
    uuid: task.id,
    entry,
    modified: stamp(new Date(task.updatedAt)),
    ...(ended === null ? {} : { end: stamp(new Date(ended)) }),
    ...Object.fromEntries(own),
    ...trashed,
  }
}
