import { isDate } from './dates.ts'
import { listSome, type Raw, type TaskNote, timeNotes } from './fields.ts'
import { continuesSentence } from './phrases.ts'
import { quote } from './text.ts'
import type { Due, Fields, Priority } from './types.ts'

export interface Dates {
  created?: string
  completed?: string
}

export interface TodoLine {
  raw: Raw
  notes: TaskNote[]
  dates: Dates
  /** Values of words such as `taskwire-due:value`, by name (`due`). */
  ownWords: Map<string, string>
}

interface Word {
  /** The white space before it. */
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
// Keys that have a meaning in todo.txt programs, but not in the service.
const SPECIAL_KEYS = ['rec', 't', 'h']

/** Parses a line. Words that have no field stay in the title. */
export function readLine(text: string): TodoLine {
  const head = readHead(text.trim())
  const notes = [...head.notes]
  const ownWords = new Map<string, string>()
  const words = splitWords(head.rest).filter(({ text: word }) => {
    const own = OWN_WORD.exec(word)
    if (own) ownWords.set(String(own[1]), String(own[2]))
    return !own
  })
  const { due, priority, left } = extractKeys(words, head.priority, notes)
  const { title, description, list, tags } = extractMarks(left)
  notes.push(...timeNotes(head.dates))
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

/** Reads `x`, the priority and the dates. In a completed task, the priority may follow the first date. */
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
      kind: 'status',
      about: 'complete',
      detail: 'only a lower-case "x" means done: "X" stays in the title',
    })
  }
  if (line.startsWith('# ')) {
    notes.push({ kind: 'heading', detail: 'todo.txt has no headings' })
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
    notes.push({ kind: 'priority', about: 'priority', detail: `(${letter}) became low` })
  }
  return LETTERS.get(letter) ?? 'low'
}

function splitWords(text: string): Word[] {
  const pieces = text.split(/([ \t\u0010]+)/u)
  return pieces.flatMap((piece, index) =>
    index % 2 === 0 && piece !== '' ? [{ gap: pieces[index - 1] ?? '', text: piece }] : [],
  )
}

function extractKeys(
  words: Word[],
  fromHead: Priority,
  notes: TaskNote[],
): { due: Due; priority: Priority; left: Word[] } {
  let due: Due = null
  let priority = fromHead
  const kept: string[] = []
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
    if (key === 'due' || key === 'pri' || SPECIAL_KEYS.includes(key)) kept.push(quote(text))
    return true
  })
  if (kept.length > 0) notes.push({ kind: 'kept-as-words', about: 'title', detail: listSome(kept) })
  return { due, priority, left }
}

/**
 * Reads projects and contexts. Marks at the end are removed from the title, and so are marks at the start that a
 * sentence follows. Marks within the sentence stay in the title too.
 */
function extractMarks(words: Word[]): Pick<Fields, 'title' | 'description' | 'list' | 'tags'> {
  const isEdge = ({ text }: Word): boolean => isMark(text) || isKeyValue(text)
  const first = words.findIndex((word) => !isEdge(word))
  const last = words.findLastIndex((word) => !isEdge(word))
  const begin = /^\p{Ll}/u.test(words[first]?.text ?? '') ? 0 : first
  // A single word is usually a verb, and the context after it its object: "Call @mum".
  const isLone = first === last && words[last + 1]?.text.startsWith('@') === true
  const end = isLone || continuesSentence(words[last]?.text ?? '') ? last + 1 : last
  const shown = words.filter(({ text }, index) => !isMark(text) || (first >= 0 && index >= begin && index <= end))
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
