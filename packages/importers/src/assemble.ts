/** Converts the tasks read from a file to drafts with ids, and their notes into notes with lines and labels. */
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import type { Fitted, TaskNote } from './fields.ts'
import { createNote, type Note } from './notes.ts'
import { cleanLine, quoteTitle, quote } from './text.ts'
import type { Format, Imported, TaskDraft } from './types.ts'

export interface SourceTask extends Fitted {
  line?: number
  /** The task's id in the source, if any. */
  ownId: string | null
  /** Identifies the task if it has no id of its own. */
  text: string
}

// Checks only the form: like the contract and PostgreSQL, it accepts any version.
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/iu

/**
 * Gives each task an id. A task keeps its own id if that is a UUID and unique in the file. Another unique id is hashed.
 * Otherwise, the id is a hash of the file's name, the task's text and the number of equal texts before it. So the same
 * file always yields the same ids, and equal lines of two files become two tasks.
 */
export function assemble(
  { format, fileName }: { format: Format; fileName: string },
  sources: SourceTask[],
  fileNotes: Note[],
): Imported {
  const baseName = fileName.split(/[/\\]/u).at(-1) ?? ''
  const uses = new Map<string, number>()
  for (const { ownId } of sources) if (ownId) uses.set(idKey(ownId), (uses.get(idKey(ownId)) ?? 0) + 1)
  const seen = new Map<string, number>()
  const notes: Note[] = [...fileNotes]
  const tasks = sources.map((source): TaskDraft => {
    const label = quoteTitle(source.fields.title)
    const position = source.line === undefined ? {} : { line: source.line }
    const id = createId(format, baseName, source, uses, seen)
    for (const { kind, detail } of [...idNotes(source, uses), ...source.notes]) {
      notes.push(createNote(kind, { ...position, label, detail }))
    }
    return { id, ...source.fields, source: { ...position, label } }
  })
  return { tasks, notes: notes.map((each) => ({ ...each, detail: cleanLine(each.detail).text })) }
}

function createId(
  format: Format,
  baseName: string,
  { ownId, text }: SourceTask,
  uses: Map<string, number>,
  seen: Map<string, number>,
): string {
  if (ownId && uses.get(idKey(ownId)) === 1) {
    return UUID.test(ownId) ? ownId.toLowerCase() : hashId(`${format}\nid\n${ownId}`)
  }
  const line = cleanLine(text.replace(/\s+/gu, ' ')).text
  const nth = (seen.get(line) ?? 0) + 1
  seen.set(line, nth)
  return hashId(`${format}\ntext\n${baseName.normalize('NFC')}\n${nth}\n${line}`)
}

function idNotes({ ownId }: SourceTask, uses: Map<string, number>): TaskNote[] {
  if (!ownId) return []
  const count = uses.get(idKey(ownId)) ?? 0
  if (count > 1) return [{ kind: 'shared-id', detail: `${quote(ownId)} is used by ${count} tasks` }]
  return UUID.test(ownId) ? [] : [{ kind: 'foreign-id', detail: quote(ownId) }]
}

function idKey(id: string): string {
  return UUID.test(id) ? id.toLowerCase() : id
}

/** Returns a UUID of version 8 (RFC 9562) from the SHA-256 hash of a text. */
function hashId(text: string): string {
  const hex = bytesToHex(sha256(new TextEncoder().encode(`taskwire import 1\n${text}`)))
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16)
  const digits = `${hex.slice(0, 12)}8${hex.slice(13, 16)}${variant}${hex.slice(17, 32)}`
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/u, '$1-$2-$3-$4-')
}
