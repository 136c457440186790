import { isDate } from './dates.ts'
import type { Raw, TaskNote } from './fields.ts'
import { timesNotKept } from './fields.ts'
import { quote } from './text.ts'
import type { Due, Priority } from './types.ts'

export interface Dates {
  created?: string
  completed?: string
}

export interface TodoLine {
  raw: Raw
  notes: TaskNote[]
  dates: Dates
  /** Words of our own, `taskwire-…:value`, by what follows the dash. */
  ownWords: Map<string, string>
}

interface Word {
  /** The blanks before it. */
  gap: string
  text: string
}

export const OWN_WORD = /^taskwire-([a-z]+):(\S*)$/u
// Sleek writes this character for a line break within a task.
const INNER_BREAK = '\u0010'
const LETTERS = new Map<string, Priority>([
  ['A', 'urgent'],
  ['B', 'high'],
  ['C', 'medium'],
])
const ACTING_KEYS = new Map([
  ['rec', 'has no repeating tasks'],
  ['t', 'has no start dates'],
  ['h', 'has no hidden tasks'],
])

/** Takes a line apart. Nothing is lost: what has no field stays in the title as words. */
export function readLine(text: string): TodoLine {
  const head = readHead(text.trim())
  const notes = [...head.notes]
  const ownWords = new Map<string, string>()
  const words = splitWords(head.rest).filter(({ text: word }) => {
    const own = OWN_WORD.exec(word)
    if (own) ownWords.set(String(own[1]), String(own[2]))
    return !own
  })
  const { due, priority, left } = takeKeys(words, head.priority, notes)
  const { title, description, list, tags } = takeMarks(left)
  const { created, completed } = head.dates
  notes.push(
    ...timesNotKept([
      ['created', created],
      ['completed', completed],
    ]),
  )
  const raw = { title, description, complete: head.complete, priority, tags, due, list }
  return { raw, notes, dates: head.dates, ownWords }
}

interface Head {
  complete: boolean
  priority: Priority
  dates: Dates
  rest: string
  notes: TaskNote[]
}

/** `x`, priority and dates: for a done task the priority may stand before or after the first date. */
function readHead(line: string): Head {
  const notes: TaskNote[] = []
  const complete = /^x[ \t]+\S/u.test(line)
  let rest = complete ? line.slice(1).trimStart() : line
  let letter: string | undefined
  const dates: string[] = []
  for (;;) {
    const mark = letter === undefined ? /^\(([A-Z])\)[ \t]+(?=\S)/u.exec(rest) : null
    const date = /^(\d{4}-\d{2}-\d{2})[ \t]+(?=\S)/u.exec(rest)
    if (mark && dates.length < (complete ? 2 : 1)) letter = mark[1]
    else if (date && dates.length < (complete ? 2 : 1) && isDate(String(date[1]))) {
      dates.push(String(date[1]))
    } else break
    rest = rest.slice((mark ?? date)?.[0].length)
  }
  if (/^X[ \t]/u.test(line)) {
    notes.push({
      about: 'complete',
      message: 'the format marks done with a small "x": "X" stays in the title, the task is open',
    })
  }
  if (line.startsWith('# ')) {
    notes.push({ about: 'title', message: 'the format has no headings: imported as a task' })
  }
  const [first, second] = dates
  const named = complete ? { completed: first, created: second } : { created: first }
  return {
    complete,
    priority: letter === undefined ? 'none' : readPriority(letter, notes),
    dates: Object.fromEntries(Object.entries(named).filter(([, date]) => date !== undefined)),
    rest,
    notes,
  }
}

function readPriority(letter: string, notes: TaskNote[]): Priority {
  if (letter > 'D') {
    notes.push({ about: 'priority', message: `priority (${letter}) became low, as (D)` })
  }
  return LETTERS.get(letter) ?? 'low'
}

function splitWords(text: string): Word[] {
  const pieces = text.split(/([ \t\u0010]+)/u)
  return pieces.flatMap((piece, index) =>
    index % 2 === 0 && piece !== '' ? [{ gap: pieces[index - 1] ?? '', text: piece }] : [],
  )
}

function takeKeys(
  words: Word[],
  fromHead: Priority,
  notes: TaskNote[],
): { due: Due; priority: Priority; left: Word[] } {
  let due: Due = null
  let priority = fromHead
  const inert = new Map<string, string[]>()
  const left = words.filter(({ text }) => {
    const [, key, value] = /^([a-z]+):(\S+)$/u.exec(text) ?? []
    if (key === undefined || value === undefined) return true
    if (key === 'due' && due === null && isDate(value)) {
      due = { date: value }
      return false
    }
    if (key === 'pri' && priority === 'none' && /^[A-Z]$/u.test(value)) {
      priority = readPriority(value, notes)
      return false
    }
    const reason = wordReason(key, value)
    if (reason !== null) {
      const others = inert.get(reason)
      if (others) others.push(text)
      else inert.set(reason, [text])
    }
    return true
  })
  for (const [reason, texts] of inert) notes.push(inertNote(reason, texts))
  return { due, priority, left }
}

/** Words that act in todo.txt programs, but not here. */
function inertNote(reason: string, words: string[]): TaskNote {
  const named = words
    .slice(0, 5)
    .map((word) => quote(word))
    .join(', ')
  const more = words.length > 5 ? ` and ${words.length - 5} more` : ''
  const about = words[0]?.startsWith('pri:') ? 'priority' : 'due'
  return { about, message: `${named}${more} kept as words only: ${reason}` }
}

function wordReason(key: string, value: string): string | null {
  if (key === 'due') return isDate(value) ? 'a task has one due date' : 'there is no such date'
  if (key === 'pri') return 'a task has one priority, (A) to (Z)'
  const lack = ACTING_KEYS.get(key)
  return lack === undefined ? null : `the service ${lack}`
}

/** Projects and contexts; those in the runs at both ends go out of the title. */
function takeMarks(words: Word[]): Pick<Raw, 'title' | 'description' | 'list' | 'tags'> {
  const isEdge = ({ text }: Word): boolean => isMark(text) || isKeyValue(text)
  const first = words.findIndex((word) => !isEdge(word))
  const last = words.findLastIndex((word) => !isEdge(word))
  const kept = words.filter(({ text }, index) => !isMark(text) || first < 0 || (index > first && index < last))
  const shown = first < 0 ? words.filter(({ text }) => !isMark(text)) : kept
  const lines = joinWords(shown.length > 0 ? shown : words).split(INNER_BREAK)
  const marks = words.map(({ text }) => text).filter(isMark)
  const projects = [...new Set(marks.filter((mark) => mark.startsWith('+')))]
  const list = projects[0]?.slice(1) ?? null
  const tags = marks.flatMap((mark) => {
    if (mark.startsWith('@')) return [mark.slice(1)]
    return mark === projects[0] ? [] : [mark]
  })
  const description = lines.length > 1 ? lines.slice(1).join('\n').trim() : null
  return { title: lines[0] ?? '', description, list, tags }
}

export function isMark(word: string): boolean {
  return /^[+@]\S/u.test(word)
}

function isKeyValue(word: string): boolean {
  return /^[^\s:]+:[^\s:/]\S*$/u.test(word)
}

function joinWords(words: Word[]): string {
  return words.map(({ gap, text }, index) => (index === 0 ? text : gap + text)).join('')
}
