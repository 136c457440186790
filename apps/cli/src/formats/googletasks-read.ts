import type { SourceTask } from './assemble.ts'
import { readStamp, showTime, utcDue } from './dates.ts'
import { canonical, readOwn, reconcile } from './extras.ts'
import { fit, notKept, timesNotKept } from './fields.ts'
import type { Fitted, TaskNote } from './fields.ts'
import { writeItem } from './googletasks-write.ts'
import { asText, isFilled, isObject } from './json-objects.ts'
import type { JsonObject } from './json-objects.ts'
import { quote } from './text.ts'
import type { Due } from './types.ts'

const HELD = ['kind', 'id', 'title', 'notes', 'links', 'due', 'status', 'taskwire', 'parent', 'deleted']
const TIMES = ['created', 'completed', 'updated']

export function readTask(item: JsonObject, list: string | null): SourceTask {
  const own = isObject(item['taskwire']) ? item['taskwire'] : {}
  const { exact, notes: ownNotes } = readOwn(own)
  const { fields, notes } = reconcile(
    readPlain(item, list),
    exact,
    (wanted) => readPlain(writeItem(wanted), list).fields,
  )
  notes.push(...ownNotes)
  const lasting = Object.entries(item).filter(([name]) => name !== 'updated')
  const text = canonical([list, Object.fromEntries(lasting)])
  return { fields, notes, ownId: asText(item['id']) || null, text }
}

export function readPlain(item: JsonObject, list: string | null): Fitted {
  const notes: TaskNote[] = []
  const status = asText(item['status'])
  const fields = {
    title: asText(item['title']),
    description: isFilled(item['notes']) ? asText(item['notes']) : null,
    complete: status === 'completed',
    priority: 'none' as const,
    tags: [],
    due: readDue(item['due'], notes),
    list,
    extras: readLinks(item['links']),
  }
  if (!['', 'needsAction', 'completed'].includes(status)) {
    notes.push({ about: 'complete', message: `status ${quote(status)} is not known: left open` })
  }
  notes.push(...leftOut(item))
  return fit(fields, notes)
}

function leftOut(item: JsonObject): TaskNote[] {
  const notes: TaskNote[] = []
  if (isFilled(item['parent'])) {
    const parent = quote(asText(item['parent']))
    notes.push({ message: `parent ${parent} not kept: the service has no sub-tasks` })
  }
  if (isFilled(item['completed']) && item['status'] !== 'completed') {
    notes.push({ message: 'has a completed time but is not completed: left open' })
  }
  const times = TIMES.map((name): [string, string] => [name, showTime(asText(item[name]))])
  const others = Object.entries(item)
    .filter(([name, value]) => !HELD.includes(name) && !TIMES.includes(name) && isFilled(value))
    .map(([name, value]): [string, string] => [name, asText(value)])
  return [...notes, ...timesNotKept(times), ...notKept(others)]
}

function readDue(value: unknown, notes: TaskNote[]): Due {
  const text = asText(value)
  if (text === '') return null
  const stamp = readStamp(text)
  if (!stamp) {
    notes.push({ about: 'due', message: `due ${quote(text)} not kept: there is no such date` })
    return null
  }
  if (stamp.seconds !== '00') {
    notes.push({ about: 'due', message: `due ${showTime(text)}: the seconds are not kept` })
  }
  const isMidnight = stamp.time === '00:00' && (stamp.offset === 'Z' || stamp.offset === null)
  return isMidnight ? { date: stamp.date } : utcDue(stamp)
}

function readLinks(value: unknown): string[] {
  const links: unknown[] = Array.isArray(value) ? value : []
  return links.map((link) => {
    if (!isObject(link)) return `Link: ${asText(link)}`
    const parts = [link['description'], link['link'], link['url']].map(asText)
    return `Link: ${parts.filter((part) => part !== '').join(' ') || asText(link)}`
  })
}
