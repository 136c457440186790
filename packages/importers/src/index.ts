/** Types, notes and helpers. The readers and writers themselves are in `@taskwire/importers/formats`. */
export { findStart, readChanges, readLoggedIds } from './change-log.ts'
export { addDays, instantOf, isDate, isTime, wallClock } from './dates.ts'
export { decodeText } from './decode.ts'
export type { Decoded } from './decode.ts'
export { groupNotes, createNote, NOTE_KINDS } from './notes.ts'
export type { Loss, Note, NoteGroup, NoteKind } from './notes.ts'
export { findList, INBOX, isInbox, missingLists } from './list-names.ts'
export { nameTasks, sortByPlace } from './places.ts'
export type { NamedTask } from './places.ts'
export { stateOf } from './known-ids.ts'
export type { TaskState } from './known-ids.ts'
export { linesOf, notesOfImported } from './reported-notes.ts'
export { counted, nameKey, quoteTitle } from './text.ts'
export { FORMAT_NAMES, FORMATS, NotThisFormat, PRIORITIES } from './types.ts'
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
export { createUploader, STATES } from './upload.ts'
export type { Destination, Existing, Uploaded, Uploader } from './upload.ts'
