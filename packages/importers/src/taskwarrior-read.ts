import type { SourceTask } from './assemble.ts'
import { isTimeZone } from '@taskwire/contract/time-zone'
import { toDue, dueOrDateAt, readStamp, showTime } from './dates.ts'
import { readDueStamp } from './due-stamp.ts'
import { canonical, readOwn, parseOwnValue, reconcile } from './extras.ts'
import { fieldNotes, fit, type Fitted, type Raw, type TaskNote, timeNotes } from './fields.ts'
import { type FoundObject, hasValue, isObject, type JsonObject, REPAIRED, shown, toText } from './json-objects.ts'
import type { NoteKind } from './notes.ts'
import { writeAttributes } from './taskwarrior-attributes.ts'
import { quote } from './text.ts'
import type { Due, Priority } from './types.ts'

const MAPPED = ['uuid', 'description', 'status', 'project', 'tags', 'priority', 'due', 'annotations']
const TIMES = ['entry', 'modified', 'end']
const NO_FIELD = new Map<string, NoteKind>([
  ['recur', 'recurrence'],
  ['wait', 'start-date'],
  ['scheduled', 'start-date'],
  ['depends', 'relation'],
])
// Internal to Taskwarrior.
const IGNORED = ['id', 'urgency', 'mask', 'imask', 'rtype', 'parent', 'last']
const OWN = 'taskwire_'
// These change with every export, so they cannot identify a task.
const VOLATILE = new Set(['id', 'urgency', 'modified'])

export function readTask({ value, repaired }: FoundObject, account: string): SourceTask {
  const { zone, ...own } = ownValues(value)
  const isKnown = typeof zone === 'string' && isTimeZone(zone)
  const timeZone = isKnown ? zone : account
  const entry = toText(value['entry'])
  const status = value['status'] === 'deleted' ? { status: 'deleted' } : {}
  const { fields, notes } = reconcile(value, readOwn(isKnown || zone === undefined ? own : { ...own, zone }), {
    read: (each) => readPlain(each, timeZone),
    write: (wanted) => ({ ...writeAttributes(wanted, entry, timeZone), ...status }),
  })
  if (repaired) notes.push({ kind: 'characters', detail: REPAIRED })
  const stable = Object.entries(value).filter(([name]) => !VOLATILE.has(name))
  const ownId = toText(value['uuid']) || null
  return { fields, notes, ownId, text: canonical(Object.fromEntries(stable)) }
}

/** Reads Taskwire's own attributes. Their text is JSON, since every attribute of Taskwarrior is a text. */
function ownValues(value: JsonObject): Record<string, unknown> {
  const own = Object.entries(value).filter(([name]) => name.startsWith(OWN))
  return Object.fromEntries(own.map(([name, each]) => [name.slice(OWN.length), parseOwnValue(toText(each))]))
}

/** Reads a record. A due time at midnight in `timeZone` becomes an all-day date. */
export function readPlain(value: JsonObject, timeZone: string): Fitted {
  const notes: TaskNote[] = []
  const status = toText(value['status'])
  const web = Object.entries(value).filter(([name, each]) => isWebAttribute(name, each))
  const complete = status === 'completed'
  const fields: Raw = {
    title: toText(value['description']),
    complete,
    priority: readPriority(value['priority'], notes),
    tags: readTags(value['tags']),
    due: readDue(value['due'], timeZone, notes),
    list: hasValue(value['project']) ? toText(value['project']) : null,
  }
  const extras = [
    ...readAnnotations(value['annotations'], timeZone, notes),
    ...web.map(([name, each]) => `${name}: ${toText(each)}`),
  ]
  if (!['', 'pending', 'completed', 'waiting', 'deleted', 'recurring'].includes(status)) {
    notes.push({ kind: 'status', about: 'complete', detail: `${quote(status)} is not known: left open` })
  }
  return fit({ ...fields, extras }, [...notes, ...unmappedNotes(value, complete)])
}

function isWebAttribute(name: string, value: unknown): boolean {
  return !MAPPED.includes(name) && typeof value === 'string' && /^https?:\/\/\S+$/iu.test(value)
}

function unmappedNotes(value: JsonObject, complete: boolean): TaskNote[] {
  const rest = Object.entries(value).filter(
    ([name, each]) =>
      ![...MAPPED, ...TIMES, ...IGNORED].includes(name) &&
      !name.startsWith(OWN) &&
      hasValue(each) &&
      !isWebAttribute(name, each),
  )
  const notes = rest.flatMap(([name, each]): TaskNote[] => {
    const kind = NO_FIELD.get(name)
    const text = shown(each)
    return kind === undefined ? fieldNotes([[name, text]]) : [{ kind, detail: `${name} ${quote(showTime(text))}` }]
  })
  const [created, modified, end] = TIMES.map((name) => showTime(toText(value[name])))
  return [...notes, ...timeNotes({ created, completed: complete ? end : undefined, modified })]
}

function readPriority(value: unknown, notes: TaskNote[]): Priority {
  const text = toText(value)
  const known = new Map<string, Priority>([
    ['', 'none'],
    ['H', 'high'],
    ['M', 'medium'],
    ['L', 'low'],
  ]).get(text)
  if (known === undefined) {
    notes.push({ kind: 'unreadable', about: 'priority', detail: `priority ${quote(text)} is not H, M or L` })
  }
  return known ?? 'none'
}

/** Reads an array, or the comma-separated words of older versions. */
function readTags(value: unknown): string[] {
  if (typeof value === 'string') return value.split(',')
  return Array.isArray(value) ? value.map(toText) : []
}

function readDue(value: unknown, timeZone: string, notes: TaskNote[]): Due {
  const text = toText(value)
  if (/^\d{9,10}$/u.test(text)) return dueOrDateAt(new Date(Number(text) * 1000), timeZone)
  const stamp = readDueStamp(text, notes)
  if (stamp === null) return null
  const { date, time, seconds, offset } = stamp
  const isFloating = time === null || offset === null
  const due = isFloating
    ? toDue(stamp, timeZone)
    : dueOrDateAt(new Date(`${date}T${time}:${seconds}${offset}`), timeZone)
  if (due !== null && 'time' in due && seconds !== '00') {
    notes.push({ kind: 'due-time', about: 'due', detail: showTime(text) })
  }
  return due
}

/** Shows the times of annotations in the account's zone. */
function readAnnotations(value: unknown, timeZone: string, notes: TaskNote[]): string[] {
  if (!hasValue(value)) return []
  const all = Array.isArray(value) ? value : [value]
  return all.map((each: unknown) => {
    if (!isObject(each)) return toText(each)
    const { entry, description, ...rest } = each
    for (const [name, more] of Object.entries(rest)) notes.push(...fieldNotes([[name, toText(more)]]))
    const stamp = readStamp(toText(entry))
    const at = stamp === null ? null : toDue(stamp, timeZone)
    const prefix = at === null ? '' : `[${at.date}${'time' in at ? ` ${at.time}` : ''}] `
    return `${prefix}${toText(description)}`
  })
}
