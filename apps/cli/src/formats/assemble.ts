/** Gives the tasks of a file their ids and words its notes. */
import { createHash } from 'node:crypto'
import type { Fitted } from './fields.ts'
import { cleanLine, labelOf, quote } from './text.ts'
import type { Format, Imported, Note, TaskDraft } from './types.ts'

export interface SourceTask extends Fitted {
  line?: number
  /** The id that the source gives the task, if it gives one. */
  ownId: string | null
  /** What stands for the task where it has no id of its own. */
  text: string
}

// By shape, as the contract and PostgreSQL take them.
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/iu
const LIKE_UUID = /^[^-\s@]{8}-[^-\s@]{4}-[^-\s@]{4}-[^-\s@]{4}-[^-\s@]{12}$/u

/**
 * A task keeps its own id if that is a UUID. Another id that is unique in the file is hashed, or else
 * the file's name, the task's text and how often it came before: the same file gives the same ids
 * again, and equal lines of two files are two tasks.
 */
export function assemble(
  { format, fileName }: { format: Format; fileName: string },
  sources: SourceTask[],
  fileNotes: Note[],
): Imported {
  const base = fileName.split(/[/\\]/u).at(-1) ?? ''
  const uses = new Map<string, number>()
  for (const { ownId } of sources) if (ownId) uses.set(keyOf(ownId), (uses.get(keyOf(ownId)) ?? 0) + 1)
  const seen = new Map<string, number>()
  const notes: Note[] = [...fileNotes]
  const tasks = sources.map((source): TaskDraft => {
    const label = labelOf(source.fields.title)
    const place = source.line === undefined ? {} : { line: source.line }
    const say = (message: string): void => {
      notes.push({ ...place, message: `${label}: ${message}` })
    }
    const [id, remark] = idOf(format, base, source, uses, seen)
    if (remark !== null) say(remark)
    for (const note of source.notes) say(note.message)
    return { id, ...source.fields, source: { ...place, label } }
  })
  return { tasks, notes: notes.map((note) => ({ ...note, message: cleanLine(note.message).text })) }
}

function idOf(
  format: Format,
  base: string,
  source: SourceTask,
  uses: Map<string, number>,
  seen: Map<string, number>,
): [id: string, remark: string | null] {
  const { ownId } = source
  const count = ownId ? (uses.get(keyOf(ownId)) ?? 0) : 0
  if (ownId && count === 1) {
    if (UUID.test(ownId)) return [ownId.toLowerCase(), null]
    const remark = LIKE_UUID.test(ownId) ? `id ${quote(ownId)} is not a UUID: made one from it` : null
    return [hashId(`${format}\nid\n${ownId}`), remark]
  }
  const text = cleanLine(source.text.replace(/\s+/gu, ' ')).text
  const nth = (seen.get(text) ?? 0) + 1
  seen.set(text, nth)
  const remark = count > 1 ? `id ${quote(String(ownId))} stands for ${count} tasks here: not used` : null
  return [hashId(`${format}\ntext\n${base.normalize('NFC')}\n${nth}\n${text}`), remark]
}

function keyOf(id: string): string {
  return UUID.test(id) ? id.toLowerCase() : id
}

/** A UUID of version 8 (RFC 9562) from SHA-256. */
function hashId(text: string): string {
  const hex = createHash('sha256').update(`taskwire import 1\n${text}`).digest('hex')
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16)
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-')
}
