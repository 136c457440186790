/**
 * todo.txt (todotxt.org): one task per line.
 *
 * - The first +project is the list; further projects are tags with their "+". A @context is a tag. Marks before and
 *   after a sentence are removed from the title; marks within the sentence stay there too.
 * - (A) is urgent, (B) high, (C) medium, (D) to (Z) low. `pri:` counts as well.
 * - `due:` is the due date. Other key:value words stay in the title, so they are exported again.
 * - Only a lower-case "x" means done, as in the format. Lines that begin with "#" are tasks.
 * - Percent-encoded words `taskwire-…:` have the exact values that the format cannot express.
 */
import { assemble, type SourceTask } from './assemble.ts'
import { inexactFields, reconcile } from './extras.ts'
import { fieldsOf } from './field-values.ts'
import { fit } from './fields.ts'
import { sniff } from './guess.ts'
import { looksBinary, splitLines, stripBom } from './text.ts'
import { readLine } from './todotxt-line.ts'
import { decodeWords, encodeWords, writeLine } from './todotxt-write.ts'
import { type ExportedTask, type Imported, type ImportInput, NotThisFormat } from './types.ts'

export function importTodotxt(input: ImportInput): Imported {
  const text = stripBom(input.text)
  refuseOtherFormats(text)
  const tasks = splitLines(text)
    .filter((line) => line.text.trim() !== '')
    .map((line): SourceTask => ({ ...readTask(line.text), line: line.number }))
  return assemble({ format: 'todotxt', fileName: input.fileName }, tasks, [])
}

function readTask(text: string): SourceTask {
  const line = readLine(text)
  const own = decodeWords(line.ownWords)
  const { fields, notes } = reconcile(line, own, {
    read: ({ raw, notes }) => fit(raw, notes),
    write: (wanted) => readLine(writeLine(wanted, line.dates)),
  })
  // In a task that Taskwire exported, such words were part of the title already.
  const kept = own.id === null ? notes : notes.filter(({ kind }) => kind !== 'kept-as-words')
  return { fields, notes: kept, ownId: own.id, text }
}

function refuseOtherFormats(text: string): void {
  if (looksBinary(text)) {
    throw new NotThisFormat('todotxt', 'it is not text', 'Choose the todo.txt file itself.')
  }
  const other = sniff(text)
  if (other !== undefined) {
    throw new NotThisFormat(
      'todotxt',
      `it looks like ${other}`,
      `Import it with --format ${other}, or leave --format out.`,
    )
  }
}

export function exportTodotxt(tasks: ExportedTask[]): string {
  return tasks.map((task) => `${exportLine(task)}\n`).join('')
}

function exportLine(task: ExportedTask): string {
  const fields = fieldsOf(task)
  const line = writeLine(fields, {
    created: task.createdAt.slice(0, 10),
    completed: (task.completedAt ?? task.updatedAt).slice(0, 10),
  })
  const exact = inexactFields(fields, fit(readLine(line).raw).fields)
  return [line, ...encodeWords(exact, task.id, task.deletedAt)].join(' ')
}
