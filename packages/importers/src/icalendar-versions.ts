/** Handles several versions of a task in a file, and changed occurrences of repeating tasks. */
import { showTime } from './dates.ts'
import { type Component, propertyOf, textOf } from './icalendar-lines.ts'
import { createNote, type Note, type NoteKind } from './notes.ts'
import { quoteTitle, quote } from './text.ts'

interface Version<T> {
  item: T
  task: Component
  uid: string
  /** The RECURRENCE-ID of the occurrence that this version changes; empty for the repeating task itself. */
  occurrence: string
}

/**
 * Keeps the newest version of each UID and RECURRENCE-ID, in the order of the file. Leaves out changed
 * occurrences if the repeating task itself is in the file.
 */
export function keepNewest<T>(items: readonly T[], taskOf: (item: T) => Component): { kept: T[]; notes: Note[] } {
  const versions = items.map((item): Version<T> => {
    const task = taskOf(item)
    return { item, task, uid: rawOf(task, 'UID'), occurrence: rawOf(task, 'RECURRENCE-ID') }
  })
  const newest = new Map<string, Version<T>>()
  const whole = new Set<string>()
  for (const version of versions) {
    if (version.uid === '') continue
    if (version.occurrence === '') whole.add(version.uid)
    const key = keyOf(version)
    const earlier = newest.get(key)
    if (earlier === undefined || compareAge(version.task, earlier.task) >= 0) newest.set(key, version)
  }
  const notes: Note[] = []
  const kept = versions.filter((version) => {
    if (version.uid === '') return true
    if (newest.get(keyOf(version)) !== version)
      notes.push(entryNote('merged', version.task, 'there is a newer version'))
    else if (version.occurrence !== '' && whole.has(version.uid)) {
      notes.push(
        entryNote('recurrence', version.task, `the changed occurrence ${quote(version.occurrence)} is left out`),
      )
    } else return true
    return false
  })
  return { kept: kept.map(({ item }) => item), notes }
}

/** The UID, followed by the RECURRENCE-ID if there is one. */
export function sourceId(task: Component): string | null {
  const uid = rawOf(task, 'UID')
  const occurrence = rawOf(task, 'RECURRENCE-ID')
  if (uid === '') return null
  return occurrence === '' ? uid : `${uid}\n${occurrence}`
}

function keyOf({ uid, occurrence }: Version<unknown>): string {
  return `${uid}\n${occurrence}`
}

/** Negative if `left` is older. */
function compareAge(left: Component, right: Component): number {
  const sequence = Number(rawOf(left, 'SEQUENCE')) - Number(rawOf(right, 'SEQUENCE'))
  if (sequence !== 0 && !Number.isNaN(sequence)) return sequence
  for (const name of ['LAST-MODIFIED', 'DTSTAMP']) {
    const [a, b] = [showTime(rawOf(left, name)), showTime(rawOf(right, name))]
    if (a !== '' && b !== '' && a !== b) return a < b ? -1 : 1
  }
  return 0
}

/** A note on an entry that is left out. */
export function entryNote(kind: NoteKind, entry: Component, detail: string): Note {
  const summary = propertyOf(entry, 'SUMMARY')
  const label = summary === undefined ? {} : { label: quoteTitle(textOf(summary)) }
  return createNote(kind, { line: entry.line, ...label, detail })
}

function rawOf(task: Component, name: string): string {
  return propertyOf(task, name)?.raw.trim() ?? ''
}
