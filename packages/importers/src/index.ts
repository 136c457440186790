/** Types, notes and helpers. The readers and writers themselves are in `@taskwire/importers/formats`. */
export { addDays, instantOf, isDate, isTime, wallClock } from './dates.ts'
export { decodeText } from './decode.ts'
export type { Decoded } from './decode.ts'
export { groupNotes, createNote, NOTE_KINDS } from './notes.ts'
export type { Loss, Note, NoteGroup, NoteKind } from './notes.ts'
export { counted, nameKey, quoteTitle } from './text.ts'
export { FORMATS, NotThisFormat, PRIORITIES } from './types.ts'
export type {
  Account,
  Due,
  ExportedTask,
  Exporter,
  ExportOptions,
  Fields,
  Format,
  Imported,
  Importer,
  ImportInput,
  Priority,
  TaskDraft,
} from './types.ts'
