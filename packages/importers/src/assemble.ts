/** Gives the tasks of a file their ids, and their notes a place. */
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import type { Fitted, TaskNote } from './fields.ts'
import { note } from './notes.ts'
import type { Note } from './notes.ts'
import { cleanLine, labelOf, quote } from './text.ts'
import type { Format, Imported, TaskDraft } from './types.ts'

export interface SourceTask extends Fitted {
  line?: number
  /** The id that the source gives the task, if it gives one. */
  ownId: string | null
  /** What stands for the task where it has no id of its own. */
  text: string
}

// By shape, as the contract and PostgreSQL take them.
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/iu

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
    const id = idOf(format, base, source, uses, seen)
    for (const { kind, detail } of [...idNotes(source, uses), ...source.notes]) {
      notes.push(note(kind, { ...place, label, detail }))
    }
    return { id, ...source.fields, source: { ...place, label } }
  })
  return { tasks, notes: notes.map((each) => ({ ...each, detail: cleanLine(each.detail).text })) }
}

function idOf(
  format: Format,
  base: string,
  { ownId, text }: SourceTask,
  uses: Map<string, number>,
  seen: Map<string, number>,
): string {
  if (ownId && uses.get(keyOf(ownId)) === 1) {
    return UUID.test(ownId) ? ownId.toLowerCase() : hashId(`${format}\nid\n${ownId}`)
  }
  const line = cleanLine(text.replace(/\s+/gu, ' ')).text
  const nth = (seen.get(line) ?? 0) + 1
  seen.set(line, nth)
  return hashId(`${format}\ntext\n${base.normalize('NFC')}\n${nth}\n${line}`)
}

function idNotes({ ownId }: SourceTask, uses: Map<string, number>): TaskNote[] {
  if (!ownId) return []
  const count = uses.get(keyOf(ownId)) ?? 0
  if (count > 1) return [{ kind: 'shared-id', detail: `${quote(ownId)} stands for ${count} tasks` }]
  return UUID.test(ownId) ? [] : [{ kind: 'foreign-id', detail: quote(ownId) }]
}

function keyOf(id: string): string {
  return UUID.test(id) ? id.toLowerCase() : id
}

/** A UUID of version 8 (RFC 9562) from SHA-256. */
function hashId(text: string): string {
  const hex = bytesToHex(sha256(new TextEncoder().encode(`taskwire import 1\n${text}`)))
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16)
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-')
}
