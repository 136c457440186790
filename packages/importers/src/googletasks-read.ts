import type { SourceTask } from './assemble.ts'
import { dueIn, dueOrDateAt, readStamp, showTime } from './dates.ts'
import { canonical, readOwn, reconcile } from './extras.ts'
import { fit, notKept, timesNotKept } from './fields.ts'
import type { Fitted, TaskNote } from './fields.ts'
import { writeItem } from './googletasks-write.ts'
import { asText, isFilled, isObject } from './json-objects.ts'
import type { JsonObject } from './json-objects.ts'
import { quote } from './text.ts'
import type { Due } from './types.ts'

const HELD = ['id', 'title', 'notes', 'links', 'due', 'status', 'taskwire', 'parent', 'deleted']
const TIMES = ['created', 'completed', 'updated']
// What Google Tasks keeps for itself: it says nothing about the task.
const SILENT = ['kind', 'etag', 'selfLink', 'webViewLink', 'position', 'hidden', 'task_type']

export function readTask(item: JsonObject, list: string | null, account: string): SourceTask {
  const own = isObject(item['taskwire']) ? item['taskwire'] : {}
  const { exact, notes: ownNotes } = readOwn(own)
  const { fields, notes } = reconcile(
    readPlain(item, list, account),
    exact,
    (wanted) => readPlain(writeItem(wanted), list, account).fields,
  )
  const lasting = Object.entries(item).filter(([name]) => name !== 'updated')
  const text = canonical([list, Object.fromEntries(lasting)])
  return { fields, notes: [...notes, ...ownNotes], ownId: asText(item['id']) || null, text }
}

export function readPlain(item: JsonObject, list: string | null, account: string): Fitted {
  const notes: TaskNote[] = []
  const status = asText(item['status'])
  const fields = {
    title: asText(item['title']),
    description: isFilled(item['notes']) ? asText(item['notes']) : null,
    complete: status === 'completed',
    priority: 'none' as const,
    tags: [],
    due: readDue(item['due'], account, notes),
    list,
    extras: readLinks(item['links']),
  }
  if (!['', 'needsAction', 'completed'].includes(status)) {
    notes.push({ kind: 'status', about: 'complete', detail: `${quote(status)} is not known: left open` })
  }
  return fit(fields, [...notes, ...leftOut(item, fields.complete)])
}

function leftOut(item: JsonObject, complete: boolean): TaskNote[] {
  const notes: TaskNote[] = []
  if (isFilled(item['parent'])) notes.push({ kind: 'parent', detail: `of ${quote(asText(item['parent']))}` })
  const [created, completed, modified] = TIMES.map((name) => showTime(asText(item[name])))
  if (completed !== '' && !complete) {
    notes.push({ kind: 'status', detail: `completed ${completed}, but its status is not: left open` })
  }
  const others = Object.entries(item)
    .filter(([name, value]) => ![...HELD, ...TIMES, ...SILENT].includes(name) && isFilled(value))
    .map(([name, value]): [string, string] => [name, asText(value)])
  return [
    ...notes,
    ...timesNotKept({ created, completed: complete ? completed : undefined, modified }),
    ...notKept(others),
  ]
}

/** Midnight in UTC is a date; Takeout has also written midnight in the account's zone. */
function readDue(value: unknown, account: string, notes: TaskNote[]): Due {
  const text = asText(value)
  if (text === '') return null
  const stamp = readStamp(text)
  if (!stamp) {
    notes.push({ kind: 'due', about: 'due', detail: `${quote(text)}: there is no such date` })
    return null
  }
  const { date, time, seconds, offset } = stamp
  if (time === '00:00' && (offset === 'Z' || offset === null)) return { date }
  if (time === null || offset === null) return dueIn(stamp, account)
  if (seconds !== '00') notes.push({ kind: 'due-time', about: 'due', detail: showTime(text) })
  const due = dueOrDateAt(new Date(`${date}T${time}:${seconds}${offset}`), account)
  if (due !== null && 'time' in due) {
    notes.push({ kind: 'due-instant', about: 'due', detail: `${showTime(text)} is ${due.date} ${due.time}` })
  }
  return due
}

function readLinks(value: unknown): string[] {
  const links: unknown[] = Array.isArray(value) ? value : []
  return links.map((link) => {
    if (!isObject(link)) return `Link: ${asText(link)}`
    const parts = [link['description'], link['link'], link['url']].map(asText)
    return `Link: ${parts.filter((part) => part !== '').join(' ') || asText(link)}`
  })
}
