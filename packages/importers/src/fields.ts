/** Makes what a source says fit the contract, and notes what did not fit. */
import type { NoteKind } from './notes.ts'
import { cleanBlock, cleanLine, keyOf, length, quote, take, takeWords } from './text.ts'
import type { Cleaned } from './text.ts'
import { LIMITS } from './types.ts'
import type { Due, Fields } from './types.ts'

/** What a source says, before any limit. */
export interface Raw extends Fields {
  /** Lines for the description: what the source holds apart from one, such as a place or comments. */
  extras?: string[]
  /** Such lines that have a note of their own. */
  noted?: string[]
}

/** A note on one task; `about` is the field that it concerns. */
export interface TaskNote {
  kind: NoteKind
  detail: string
  about?: keyof Fields
}

export interface Fitted {
  fields: Fields
  notes: TaskNote[]
}

export const EMPTY: Fields = {
  title: '',
  description: null,
  complete: false,
  priority: 'none',
  tags: [],
  due: null,
  list: null,
}

/** Changes nothing in a task that is within the limits already. */
export function fit(raw: Raw, earlier: TaskNote[] = []): Fitted {
  const notes = [...earlier]
  const title = cleanLine(raw.title)
  noteChanges(notes, 'title', title)
  const body = fitBody(raw, notes)
  const named = title.text === '' ? nameless(body, notes) : title.text
  const [short, description] = fitTitle(named, body, notes)
  const fields: Fields = {
    title: short,
    description: description === '' && raw.description === null ? null : description,
    complete: raw.complete,
    priority: raw.priority,
    tags: fitTags(raw.tags, notes),
    due: fitDue(raw.due, notes),
    list: fitList(raw.list, notes),
  }
  return { fields, notes }
}

function fitBody(raw: Raw, notes: TaskNote[]): string {
  const description = cleanBlock(raw.description ?? '')
  noteChanges(notes, 'description', description)
  for (const extra of raw.extras ?? []) {
    notes.push({ kind: 'in-description', about: 'description', detail: brief(extra) })
  }
  const extras = cleanBlock([...(raw.extras ?? []), ...(raw.noted ?? [])].join('\n')).text
  const body = [description.text, extras].filter((part) => part !== '').join('\n\n')
  if (length(body) <= LIMITS.description) return body
  const kept = take(body, LIMITS.description)
  notes.push({ kind: 'description-cut', about: 'description', detail: brief(body.slice(kept.length)) })
  return kept
}

function nameless(body: string, notes: TaskNote[]): string {
  const line = body
    .split(/[\r\n]/u)
    .map((part) => cleanLine(part).text)
    .find((part) => part !== '')
  const title = line === undefined ? '(untitled)' : takeWords(line, LIMITS.title)
  const from = line === undefined ? `called ${quote(title)}` : 'called after its description'
  notes.push({ kind: 'untitled', about: 'title', detail: from })
  return title
}

/** The title within its limit, and the description, which takes the full title where it is longer. */
function fitTitle(full: string, body: string, notes: TaskNote[]): [string, string] {
  const total = length(full)
  if (total <= LIMITS.title) return [full, body]
  const title = takeWords(full, LIMITS.title)
  const kept = length(title)
  const room = LIMITS.description - (body === '' ? 0 : length(body) + 2)
  const held = room > kept ? Math.min(total, room) : 0
  if (held === total) {
    notes.push({ kind: 'title-shortened', about: 'title', detail: `${total} characters` })
  } else {
    const lost = full.slice(take(full, Math.max(held, kept)).length)
    notes.push({ kind: 'title-cut', about: 'title', detail: brief(lost) })
  }
  if (held === 0) return [title, body]
  return [title, [take(full, held), body].filter((part) => part !== '').join('\n\n')]
}

/** The contract's bounds: an instant near either end of the calendar may lie outside of it. */
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
    if (tag !== '' && !byKey.has(keyOf(tag))) byKey.set(keyOf(tag), tag)
  }
  const tags = [...byKey.values()]
  const over = tags.slice(LIMITS.tags)
  if (over.length > 0) notes.push({ kind: 'tags', about: 'tags', detail: some(over.map((tag) => quote(tag))) })
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

/** Every program's inbox is the inbox: a list of that name would stand beside it. */
function isInbox(name: string): boolean {
  return keyOf(name) === 'inbox'
}

function noteChanges(notes: TaskNote[], about: keyof Fields, clean: Cleaned): void {
  for (const change of clean.changes) notes.push({ kind: 'characters', about, detail: `${about}: ${change}` })
}

/** Text that a note repeats: its beginning tells which it is. */
function brief(text: string): string {
  return quote(text, 80)
}

/** The first few of many. */
export function some(names: string[]): string {
  const more = names.length > 5 ? ` and ${names.length - 5} more` : ''
  return `${names.slice(0, 5).join(', ')}${more}`
}

/** A note for each value that the service has no field for. */
export function notKept(values: [name: string, value: string][]): TaskNote[] {
  return values.map(([name, value]) => ({ kind: 'field', detail: value === '' ? name : `${name} ${quote(value)}` }))
}

/** When a task was made, completed and last changed, as the source says. */
export interface Times {
  created?: string | undefined
  completed?: string | undefined
  modified?: string | undefined
}

export function timesNotKept({ created, completed, modified }: Times): TaskNote[] {
  const times: [NoteKind, string | undefined][] = [
    ['creation-date', created],
    ['completion-date', completed],
    ['modified', modified],
  ]
  return times.flatMap(([kind, detail]) => (detail === undefined || detail === '' ? [] : [{ kind, detail }]))
}
