/** Makes the fields of a source fit the contract's limits, and notes what was changed or lost. */
import { type Field, TASK_FIELDS } from '@taskwire/contract/fields'
import { EMPTY, FIELD_NAMES } from './field-values.ts'
import type { NoteKind } from './notes.ts'
import { cleanBlock, type Cleaned, cleanLine, length, nameKey, quote, take, takeWords } from './text.ts'
import { type Due, type Fields, LIMITS } from './types.ts'

/** The fields of a source, before limits are applied. A field that is absent is empty. */
export interface Raw extends Partial<Fields> {
  title: string
  /** Lines to add to the description, such as a location or comments. Each gets a note. */
  extras?: string[]
  /** More such lines, which have a note already. */
  noted?: string[]
}

/** The fields whose texts fitTexts() cleans. */
const { title: _title, description: _description, ...OTHER_FIELDS } = TASK_FIELDS

/** A note on one task. `about` is the field concerned. */
export interface TaskNote {
  kind: NoteKind
  detail: string
  about?: keyof Fields
}

export interface Fitted {
  fields: Fields
  notes: TaskNote[]
}

/** Cuts or cleans fields that exceed the limits. Fields within the limits stay unchanged. */
export function fit({ extras = [], noted = [], ...given }: Raw, earlier: TaskNote[] = []): Fitted {
  const raw: Fields = { ...EMPTY, ...given }
  const notes = [...earlier]
  const title = cleanLine(raw.title)
  noteChanges(notes, 'title', title)
  const { texts, excess } = fitTexts(OTHER_FIELDS, raw, notes)
  const body = fitBody(raw.description, { extras: [...excess, ...extras], noted }, notes)
  const named = title.text === '' ? titleFromBody(body, notes) : title.text
  const [short, description] = fitTitle(named, body, notes)
  const fields: Fields = {
    ...raw,
    ...texts,
    title: short,
    description: description === '' && raw.description === null ? null : description,
    tags: fitTags(raw.tags, notes),
    due: fitDue(raw.due, notes),
    list: fitList(raw.list, notes),
  }
  return { fields, notes }
}

/**
 * Cleans the optional texts among these fields. A text over its limit becomes null, and `excess` has it for the
 * description.
 */
export function fitTexts(
  fields: Partial<Record<keyof Fields, Field>>,
  values: Fields,
  notes: TaskNote[],
): { texts: Record<string, string | null>; excess: string[] } {
  const texts: Record<string, string | null> = {}
  const excess: string[] = []
  for (const name of FIELD_NAMES) {
    const field = fields[name]
    const value = values[name]
    if (field === undefined || !('max' in field) || !field.nullable || typeof value !== 'string') continue
    const clean = field.kind === 'line' ? cleanLine(value) : cleanBlock(value)
    noteChanges(notes, name, clean)
    const isTooLong = length(clean.text) > field.max
    if (isTooLong) excess.push(`${name}: ${clean.text}`)
    // Only a line must not be empty.
    texts[name] = isTooLong || (field.kind === 'line' && clean.text === '') ? null : clean.text
  }
  return { texts, excess }
}

function fitBody(
  text: string | null,
  { extras, noted }: Required<Pick<Raw, 'extras' | 'noted'>>,
  notes: TaskNote[],
): string {
  const description = cleanBlock(text ?? '')
  noteChanges(notes, 'description', description)
  for (const extra of extras) {
    notes.push({ kind: 'in-description', about: 'description', detail: excerpt(extra) })
  }
  const added = cleanBlock([...extras, ...noted].join('\n')).text
  const body = [description.text, added].filter((part) => part !== '').join('\n\n')
  if (length(body) <= LIMITS.description) return body
  const kept = take(body, LIMITS.description)
  notes.push({ kind: 'description-cut', about: 'description', detail: excerpt(body.slice(kept.length)) })
  return kept
}

function titleFromBody(body: string, notes: TaskNote[]): string {
  const line = body
    .split(/[\r\n]/u)
    .map((part) => cleanLine(part).text)
    .find((part) => part !== '')
  const title = line === undefined ? '(untitled)' : takeWords(line, LIMITS.title)
  const from = line === undefined ? `titled ${quote(title)}` : 'titled after its description'
  notes.push({ kind: 'untitled', about: 'title', detail: from })
  return title
}

/** Shortens the title to its limit. The description then begins with as much of the full title as fits. */
function fitTitle(full: string, body: string, notes: TaskNote[]): [string, string] {
  const total = length(full)
  if (total <= LIMITS.title) return [full, body]
  const title = takeWords(full, LIMITS.title)
  const kept = length(title)
  const space = LIMITS.description - (body === '' ? 0 : length(body) + 2)
  const held = space > kept ? Math.min(total, space) : 0
  if (held === total) {
    notes.push({ kind: 'title-shortened', about: 'title', detail: `${total} characters` })
  } else {
    const lost = full.slice(take(full, Math.max(held, kept)).length)
    notes.push({ kind: 'title-cut', about: 'title', detail: excerpt(lost) })
  }
  if (held === 0) return [title, body]
  return [title, [take(full, held), body].filter((part) => part !== '').join('\n\n')]
}

/** Drops due times outside the contract's range, which is within the years 1 to 9999 in every zone. */
function fitDue(due: Due, notes: TaskNote[]): Due {
  if (due === null || !('time' in due)) return due
  if (due.date >= '0001-01-03' && due.date <= '9999-12-29') return due
  notes.push({ kind: 'due', about: 'due', detail: `${due.date} ${due.time} is outside the calendar` })
  return null
}

function fitTags(raw: string[], notes: TaskNote[]): string[] {
  const byKey = new Map<string, string>()
  for (const each of raw) {
    const clean = cleanLine(each)
    noteChanges(notes, 'tags', clean)
    const tag = take(clean.text, LIMITS.tag).trim()
    if (tag !== clean.text) notes.push({ kind: 'name-cut', about: 'tags', detail: `tag ${quote(clean.text)}` })
    if (tag !== '' && !byKey.has(nameKey(tag))) byKey.set(nameKey(tag), tag)
  }
  const tags = [...byKey.values()]
  const over = tags.slice(LIMITS.tags)
  if (over.length > 0) notes.push({ kind: 'tags', about: 'tags', detail: listSome(over.map((tag) => quote(tag))) })
  return tags.slice(0, LIMITS.tags)
}

function fitList(raw: string | null, notes: TaskNote[]): string | null {
  if (raw === null) return null
  const clean = cleanLine(raw)
  noteChanges(notes, 'list', clean)
  const name = take(clean.text, LIMITS.list).trim()
  if (name !== clean.text) notes.push({ kind: 'name-cut', about: 'list', detail: `list ${quote(clean.text)}` })
  return name === '' || isInbox(name) ? null : name
}

/** Treats any program's inbox as Taskwire's, instead of creating a list of that name. */
function isInbox(name: string): boolean {
  return nameKey(name) === 'inbox'
}

function noteChanges(notes: TaskNote[], about: keyof Fields, clean: Cleaned): void {
  for (const change of clean.changes) notes.push({ kind: 'characters', about, detail: `${about}: ${change}` })
}

/** Quotes the beginning of a text for a note. */
function excerpt(text: string): string {
  return quote(text, 80)
}

/** Joins the first five names, followed by the number of other names. */
export function listSome(names: string[]): string {
  const more = names.length > 5 ? ` and ${names.length - 5} more` : ''
  return `${names.slice(0, 5).join(', ')}${more}`
}

/** Notes each value that has no field in the service. */
export function fieldNotes(values: [name: string, value: string][]): TaskNote[] {
  return values.map(([name, value]) => ({ kind: 'field', detail: value === '' ? name : `${name} ${quote(value)}` }))
}

/** When the source says that a task was created, completed and last changed. */
export interface Times {
  created?: string | undefined
  completed?: string | undefined
  modified?: string | undefined
}

export function timeNotes({ created, completed, modified }: Times): TaskNote[] {
  const times: [NoteKind, string | undefined][] = [
    ['creation-date', created],
    ['completion-date', completed],
    ['modified', modified],
  ]
  return times.flatMap(([kind, detail]) => (detail === undefined || detail === '' ? [] : [{ kind, detail }]))
}
