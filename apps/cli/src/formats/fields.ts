/** Makes what a source says fit the contract, and notes what did not fit. */
import { cleanBlock, cleanLine, keyOf, length, quote, take, takeWords } from './text.ts'
import type { Cleaned } from './text.ts'
import { LIMITS } from './types.ts'
import type { Due, Fields } from './types.ts'

/** What a source says, before any limit. */
export interface Raw extends Fields {
  /** Lines for the description: what the source holds apart from one, such as a place or comments. */
  extras?: string[]
}

/** A note on one task; `about` is the field that it concerns. */
export interface TaskNote {
  message: string
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
  const extras = cleanBlock((raw.extras ?? []).join('\n')).text
  const body = [description.text, extras].filter((part) => part !== '').join('\n\n')
  const excess = length(body) - LIMITS.description
  if (excess <= 0) return body
  notes.push({
    about: 'description',
    message: `the last ${count(excess)} of the description not kept: the limit is ${LIMITS.description}`,
  })
  return take(body, LIMITS.description)
}

function nameless(body: string, notes: TaskNote[]): string {
  const line = body
    .split(/[\r\n]/u)
    .map((part) => cleanLine(part).text)
    .find((part) => part !== '')
  const title = line === undefined ? '(untitled)' : takeWords(line, LIMITS.title)
  const from = line === undefined ? `called ${quote(title)}` : 'called after its description'
  notes.push({ about: 'title', message: `the task has no title: ${from}` })
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
  const lost = total - Math.max(held, kept)
  const where = lost === 0 ? 'the full text is' : `the first ${held} are`
  const rest = held > 0 ? `; ${where} in the description` : ''
  const loss = lost > 0 ? `; the last ${count(lost)} not kept` : ''
  notes.push({
    about: 'title',
    message: `the title of ${count(total)} is cut to its first ${kept}: the limit is ${LIMITS.title}${rest}${loss}`,
  })
  if (held === 0) return [title, body]
  return [title, [take(full, held), body].filter((part) => part !== '').join('\n\n')]
}

/** The contract's bounds: an instant near either end of the calendar may lie outside of it. */
function fitDue(due: Due, notes: TaskNote[]): Due {
  if (due === null || !('time' in due)) return due
  if (due.date >= '0001-01-03' && due.date <= '9999-12-29') return due
  notes.push({ about: 'due', message: `due ${due.date} ${due.time} not kept: outside the calendar` })
  return null
}

function fitTags(raw: string[], notes: TaskNote[]): string[] {
  const byKey = new Map<string, string>()
  for (const each of raw) {
    const clean = cleanLine(each)
    noteChanges(notes, 'tags', clean)
    const tag = take(clean.text, LIMITS.tag).trim()
    if (tag !== clean.text) {
      notes.push({
        about: 'tags',
        message: `tag ${quote(clean.text)} cut to ${LIMITS.tag} characters`,
      })
    }
    if (tag !== '' && !byKey.has(keyOf(tag))) byKey.set(keyOf(tag), tag)
  }
  const tags = [...byKey.values()]
  const over = tags.slice(LIMITS.tags)
  if (over.length > 0) {
    const named = over.map((tag) => quote(tag)).join(', ')
    notes.push({
      about: 'tags',
      message: `tags not kept: ${named}; a task has at most ${LIMITS.tags}`,
    })
  }
  return tags.slice(0, LIMITS.tags)
}

function fitList(raw: string | null, notes: TaskNote[]): string | null {
  if (raw === null) return null
  const clean = cleanLine(raw)
  noteChanges(notes, 'list', clean)
  const name = take(clean.text, LIMITS.list).trim()
  if (name !== clean.text) {
    notes.push({
      about: 'list',
      message: `list name ${quote(clean.text)} cut to ${LIMITS.list} characters`,
    })
  }
  return name === '' ? null : name
}

function noteChanges(notes: TaskNote[], about: keyof Fields, clean: Cleaned): void {
  for (const change of clean.changes) notes.push({ about, message: `${about}: ${change}` })
}

function count(characters: number): string {
  return characters === 1 ? '1 character' : `${characters} characters`
}

/** One note for all that the service has no field for; null if there is nothing. */
export function notKept(values: [name: string, value: string][]): TaskNote[] {
  if (values.length === 0) return []
  const named = values.map(([name, value]) => (value === '' ? name : `${name} ${quote(value)}`))
  return [{ message: `not kept: ${named.join(', ')}; the service has no such fields` }]
}

/** One note for a task's times; empty ones are left out. */
export function timesNotKept(times: [name: string, value: string | undefined][]): TaskNote[] {
  const named = times
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([name, value]) => `${name} ${value}`)
  if (named.length === 0) return []
  return [{ message: `${named.join(', ')} not kept: times are the service's own` }]
}
