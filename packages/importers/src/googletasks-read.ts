import type { SourceTask } from './assemble.ts'
import { toDue, dueOrDateAt, showTime } from './dates.ts'
import { readDueStamp } from './due-stamp.ts'
import { canonical, readOwn, reconcile } from './extras.ts'
import { fieldNotes, fit, type Fitted, type TaskNote, timeNotes } from './fields.ts'
import { writeItem } from './googletasks-write.ts'
import { hasValue, isObject, type JsonObject, otherMembers, toText } from './json-objects.ts'
import { quote } from './text.ts'
import type { Due } from './types.ts'

const MAPPED = ['id', 'title', 'notes', 'links', 'due', 'status', 'taskwire', 'parent', 'deleted']
const TIMES = ['created', 'completed', 'updated']
// Internal to Google Tasks.
const IGNORED = ['kind', 'etag', 'selfLink', 'webViewLink', 'position', 'hidden', 'task_type']

export function readTask(item: JsonObject, list: string | null, account: string): SourceTask {
  const own = readOwn(isObject(item['taskwire']) ? item['taskwire'] : {})
  const fitted = reconcile(item, own, { read: (each) => readPlain(each, list, account), write: writeItem })
  const stable = Object.entries(item).filter(([name]) => name !== 'updated')
  const text = canonical([list, Object.fromEntries(stable)])
  return { ...fitted, ownId: toText(item['id']) || null, text }
}

export function readPlain(item: JsonObject, list: string | null, account: string): Fitted {
  const notes: TaskNote[] = []
  const status = toText(item['status'])
  const fields = {
    title: toText(item['title']),
    description: hasValue(item['notes']) ? toText(item['notes']) : null,
    complete: status === 'completed',
    due: readDue(item['due'], account, notes),
    list,
    extras: readLinks(item['links']),
  }
  if (!['', 'needsAction', 'completed'].includes(status)) {
    notes.push({ kind: 'status', about: 'complete', detail: `${quote(status)} is not known: left open` })
  }
  return fit(fields, [...notes, ...unmappedNotes(item, fields.complete)])
}

function unmappedNotes(item: JsonObject, complete: boolean): TaskNote[] {
  const notes: TaskNote[] = []
  if (hasValue(item['parent'])) notes.push({ kind: 'parent', detail: `of ${quote(toText(item['parent']))}` })
  const [created, completed, modified] = TIMES.map((name) => showTime(toText(item[name])))
  if (completed !== '' && !complete) {
    notes.push({ kind: 'status', detail: `completed ${completed}, but its status is not: left open` })
  }
  return [
    ...notes,
    ...timeNotes({ created, completed: complete ? completed : undefined, modified }),
    ...fieldNotes(otherMembers(item, [...MAPPED, ...TIMES, ...IGNORED])),
  ]
}

/** Midnight in UTC is an all-day date. Takeout has also written midnight in the account's zone. */
function readDue(value: unknown, account: string, notes: TaskNote[]): Due {
  const text = toText(value)
  const stamp = readDueStamp(text, notes)
  if (stamp === null) return null
  const { date, time, seconds, offset } = stamp
  if (time === '00:00' && (offset === 'Z' || offset === null)) return { date }
  if (time === null || offset === null) return toDue(stamp, account)
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
    if (!isObject(link)) return `Link: ${toText(link)}`
    const parts = [link['description'], link['link'], link['url']].map(toText)
    return `Link: ${parts.filter((part) => part !== '').join(' ') || toText(link)}`
  })
}
