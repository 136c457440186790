import type { SourceTask } from './assemble.ts'
import { isTimeZone } from '@taskwire/contract/time-zone'
import { dueIn, dueOrDateAt, readStamp, showTime } from './dates.ts'
import { canonical, readOwn, readOwnText, reconcile } from './extras.ts'
import { fit, notKept, timesNotKept } from './fields.ts'
import type { Fitted, TaskNote } from './fields.ts'
import { asText, isFilled, isObject, REPAIRED, shown } from './json-objects.ts'
import type { FoundObject, JsonObject } from './json-objects.ts'
import type { NoteKind } from './notes.ts'
import { writeAttributes } from './taskwarrior-attributes.ts'
import { quote } from './text.ts'
import type { Due, Fields, Priority } from './types.ts'

const HELD = ['uuid', 'description', 'status', 'project', 'tags', 'priority', 'due', 'annotations']
const TIMES = ['entry', 'modified', 'end']
const NO_FIELD = new Map<string, NoteKind>([
  ['recur', 'recurrence'],
  ['wait', 'start-date'],
  ['scheduled', 'start-date'],
  ['depends', 'relation'],
])
// What Taskwarrior counts for itself: it says nothing about the task.
const SILENT = ['id', 'urgency', 'mask', 'imask', 'rtype', 'parent', 'last']
const OWN = 'taskwire_'
// These change with every export and say nothing about which task it is.
const PASSING = new Set(['id', 'urgency', 'modified'])

export function readTask({ value, repaired }: FoundObject, account: string): SourceTask {
  const { zone, ...own } = ownValues(value)
  const isKnown = typeof zone === 'string' && isTimeZone(zone)
  const timeZone = isKnown ? zone : account
  const plain = readPlain(value, timeZone)
  const { exact, notes: ownNotes } = readOwn(isKnown || zone === undefined ? own : { ...own, zone })
  const entry = asText(value['entry'])
  const status = value['status'] === 'deleted' ? { status: 'deleted' } : {}
  const { fields, notes } = reconcile(
    plain,
    exact,
    (wanted) => readPlain({ ...writeAttributes(wanted, entry, timeZone), ...status }, timeZone).fields,
  )
  if (repaired) notes.push({ kind: 'characters', detail: REPAIRED })
  const lasting = Object.entries(value).filter(([name]) => !PASSING.has(name))
  const ownId = asText(value['uuid']) || null
  return { fields, notes: [...notes, ...ownNotes], ownId, text: canonical(Object.fromEntries(lasting)) }
}

/** Attributes are text in Taskwarrior: ours hold JSON. */
function ownValues(value: JsonObject): Record<string, unknown> {
  const own = Object.entries(value).filter(([name]) => name.startsWith(OWN))
  return Object.fromEntries(own.map(([name, each]) => [name.slice(OWN.length), readOwnText(asText(each))]))
}

/** `timeZone` is where midnight stands for an all-day date. */
export function readPlain(value: JsonObject, timeZone: string): Fitted {
  const notes: TaskNote[] = []
  const status = asText(value['status'])
  const web = Object.entries(value).filter(([name, each]) => isWebAttribute(name, each))
  const fields: Fields = {
    title: asText(value['description']),
    description: null,
    complete: status === 'completed',
    priority: readPriority(value['priority'], notes),
    tags: readTags(value['tags']),
    due: readDue(value['due'], timeZone, notes),
    list: isFilled(value['project']) ? asText(value['project']) : null,
  }
  const extras = [
    ...readAnnotations(value['annotations'], timeZone, notes),
    ...web.map(([name, each]) => `${name}: ${asText(each)}`),
  ]
  if (!['', 'pending', 'completed', 'waiting', 'deleted', 'recurring'].includes(status)) {
    notes.push({ kind: 'status', about: 'complete', detail: `${quote(status)} is not known: left open` })
  }
  return fit({ ...fields, extras }, [...notes, ...leftOut(value, fields.complete)])
}

function isWebAttribute(name: string, value: unknown): boolean {
  return !HELD.includes(name) && typeof value === 'string' && /^https?:\/\/\S+$/iu.test(value)
}

function leftOut(value: JsonObject, complete: boolean): TaskNote[] {
  const rest = Object.entries(value).filter(
    ([name, each]) =>
      ![...HELD, ...TIMES, ...SILENT].includes(name) &&
      !name.startsWith(OWN) &&
      isFilled(each) &&
      !isWebAttribute(name, each),
  )
  const notes = rest.flatMap(([name, each]): TaskNote[] => {
    const kind = NO_FIELD.get(name)
    const text = shown(each)
    return kind === undefined ? notKept([[name, text]]) : [{ kind, detail: `${name} ${quote(showTime(text))}` }]
  })
  const [created, modified, end] = TIMES.map((name) => showTime(asText(value[name])))
  return [...notes, ...timesNotKept({ created, completed: complete ? end : undefined, modified })]
}

function readPriority(value: unknown, notes: TaskNote[]): Priority {
  const text = asText(value)
  const known = new Map<string, Priority>([
    ['', 'none'],
    ['H', 'high'],
    ['M', 'medium'],
    ['L', 'low'],
  ]).get(text)
  if (known === undefined) {
    notes.push({ kind: 'unreadable', about: 'priority', detail: `priority ${quote(text)} is none of H, M, L` })
  }
  return known ?? 'none'
}

/** An array, or, as older versions wrote them, words parted by commas. */
function readTags(value: unknown): string[] {
  if (typeof value === 'string') return value.split(',')
  return Array.isArray(value) ? value.map(asText) : []
}

function readDue(value: unknown, timeZone: string, notes: TaskNote[]): Due {
  const text = asText(value)
  if (text === '') return null
  if (/^\d{9,10}$/u.test(text)) return dueOrDateAt(new Date(Number(text) * 1000), timeZone)
  const stamp = readStamp(text)
  if (!stamp) {
    notes.push({ kind: 'due', about: 'due', detail: `${quote(text)}: there is no such date` })
    return null
  }
  const { date, time, seconds, offset } = stamp
  const isFloating = time === null || offset === null
  const due = isFloating
    ? dueIn(stamp, timeZone)
    : dueOrDateAt(new Date(`${date}T${time}:${seconds}${offset}`), timeZone)
  if (due !== null && 'time' in due && seconds !== '00') {
    notes.push({ kind: 'due-time', about: 'due', detail: showTime(text) })
  }
  return due
}

/** Their times as the account's clocks show them. */
function readAnnotations(value: unknown, timeZone: string, notes: TaskNote[]): string[] {
  if (!isFilled(value)) return []
  const all = Array.isArray(value) ? value : [value]
  return all.map((each: unknown) => {
    if (!isObject(each)) return asText(each)
    const { entry, description, ...rest } = each
    for (const [name, more] of Object.entries(rest)) notes.push(...notKept([[name, asText(more)]]))
    const stamp = readStamp(asText(entry))
    const at = stamp === null ? null : dueIn(stamp, timeZone)
    const prefix = at === null ? '' : `[${at.date}${'time' in at ? ` ${at.time}` : ''}] `
    return `${prefix}${asText(description)}`
  })
}
