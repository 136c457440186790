import type { SourceTask } from './assemble.ts'
import { dueAtInstant, readStamp, showTime, utcDue } from './dates.ts'
import { canonical, readOwn, readOwnText, reconcile } from './extras.ts'
import { fit, notKept, timesNotKept } from './fields.ts'
import type { Fitted, TaskNote } from './fields.ts'
import { asText, isFilled, isObject, shown } from './json-objects.ts'
import type { FoundObject, JsonObject } from './json-objects.ts'
import { writeAttributes } from './taskwarrior-attributes.ts'
import { quote } from './text.ts'
import type { Due, Fields, Priority } from './types.ts'

const HELD = ['uuid', 'description', 'status', 'project', 'tags', 'priority', 'due', 'annotations']
const TIMES = ['entry', 'modified', 'end']
const NO_FIELD = new Map([
  ['recur', 'repeating tasks'],
  ['rtype', 'repeating tasks'],
  ['mask', 'repeating tasks'],
  ['imask', 'repeating tasks'],
  ['parent', 'repeating tasks'],
  ['wait', 'waiting tasks'],
  ['scheduled', 'start dates'],
  ['until', 'expiring tasks'],
  ['start', 'work in progress'],
  ['depends', 'dependencies'],
])
const OWN = 'taskwire_'
// These change with every export and say nothing about which task it is.
const PASSING = new Set(['id', 'urgency', 'modified'])

export function readTask({ value, repaired }: FoundObject): SourceTask {
  const plain = readPlain(value)
  const { exact, notes: ownNotes } = readOwn(ownValues(value))
  const entry = asText(value['entry'])
  const status = value['status'] === 'deleted' ? { status: 'deleted' } : {}
  const { fields, notes } = reconcile(
    plain,
    exact,
    (wanted) => readPlain({ ...writeAttributes(wanted, entry), ...status }).fields,
  )
  if (repaired) {
    notes.push({ message: 'the JSON holds bare control characters: they became blanks' })
  }
  notes.push(...ownNotes)
  const lasting = Object.entries(value).filter(([name]) => !PASSING.has(name))
  const ownId = asText(value['uuid']) || null
  return { fields, notes, ownId, text: canonical(Object.fromEntries(lasting)) }
}

/** Attributes are text in Taskwarrior: ours hold JSON. */
function ownValues(value: JsonObject): Record<string, unknown> {
  const own = Object.entries(value).filter(([name]) => name.startsWith(OWN))
  return Object.fromEntries(own.map(([name, each]) => [name.slice(OWN.length), readOwnText(asText(each))]))
}

export function readPlain(value: JsonObject): Fitted {
  const notes: TaskNote[] = []
  const status = asText(value['status'])
  const web = Object.entries(value).filter(([name, each]) => isWebAttribute(name, each))
  const fields: Fields = {
    title: asText(value['description']),
    description: null,
    complete: status === 'completed',
    priority: readPriority(value['priority'], notes),
    tags: readTags(value['tags']),
    due: readDue(value['due'], notes),
    list: isFilled(value['project']) ? asText(value['project']) : null,
  }
  const extras = [
    ...readAnnotations(value['annotations'], notes),
    ...web.map(([name, each]) => `${name}: ${asText(each)}`),
  ]
  if (!['', 'pending', 'completed', 'waiting', 'deleted', 'recurring'].includes(status)) {
    notes.push({ about: 'complete', message: `status ${quote(status)} is not known: left open` })
  }
  notes.push(...leftOut(value))
  return fit({ ...fields, extras }, notes)
}

function isWebAttribute(name: string, value: unknown): boolean {
  return !HELD.includes(name) && typeof value === 'string' && /^https?:\/\/\S+$/iu.test(value)
}

function leftOut(value: JsonObject): TaskNote[] {
  const rest = Object.entries(value).filter(
    ([name, each]) =>
      !HELD.includes(name) &&
      !TIMES.includes(name) &&
      !name.startsWith(OWN) &&
      isFilled(each) &&
      !isWebAttribute(name, each),
  )
  const lacking = rest.flatMap(([name, each]): TaskNote[] => {
    const lack = NO_FIELD.get(name)
    const value = quote(showTime(shown(each)))
    return lack === undefined ? [] : [{ message: `${name} ${value} not kept: the service has no ${lack}` }]
  })
  const others = rest
    .filter(([name]) => !NO_FIELD.has(name))
    .map(([name, each]): [string, string] => [name, shown(each)])
  const times = TIMES.map((name): [string, string] => [TIME_NAMES.get(name) ?? name, showTime(asText(value[name]))])
  return [...lacking, ...timesNotKept(times), ...notKept(others)]
}

const TIME_NAMES = new Map([
  ['entry', 'created'],
  ['end', 'ended'],
])

function readPriority(value: unknown, notes: TaskNote[]): Priority {
  const text = asText(value)
  const known = new Map<string, Priority>([
    ['', 'none'],
    ['H', 'high'],
    ['M', 'medium'],
    ['L', 'low'],
  ]).get(text)
  if (known === undefined) {
    notes.push({ about: 'priority', message: `priority ${quote(text)} not kept: it is none of H, M, L` })
  }
  return known ?? 'none'
}

/** An array, or, as older versions wrote them, words parted by commas. */
function readTags(value: unknown): string[] {
  if (typeof value === 'string') return value.split(',')
  return Array.isArray(value) ? value.map(asText) : []
}

function readDue(value: unknown, notes: TaskNote[]): Due {
  const text = asText(value)
  if (text === '') return null
  if (/^\d{9,10}$/u.test(text)) return dueAtInstant(new Date(Number(text) * 1000))
  const stamp = readStamp(text)
  if (!stamp) {
    notes.push({ about: 'due', message: `due ${quote(text)} not kept: there is no such date` })
    return null
  }
  if (stamp.seconds !== '00') {
    notes.push({ about: 'due', message: `due ${showTime(text)}: the seconds are not kept` })
  }
  return utcDue(stamp)
}

function readAnnotations(value: unknown, notes: TaskNote[]): string[] {
  if (!isFilled(value)) return []
  const all = Array.isArray(value) ? value : [value]
  return all.map((each: unknown) => {
    if (!isObject(each)) return asText(each)
    const { entry, description, ...rest } = each
    notes.push(...notKept(Object.entries(rest).map(([name, more]) => [name, asText(more)])))
    const stamp = readStamp(asText(entry))
    const prefix = stamp ? `[${stamp.date} ${stamp.time ?? ''}] `.replace(' ]', ']') : ''
    return `${prefix}${asText(description)}`
  })
}
