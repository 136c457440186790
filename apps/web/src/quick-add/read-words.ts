import { type List, LIMITS, type Priority, type TaskDraft } from '@taskwire/client'
import type { DateWords, Part } from './part.ts'

export interface Words {
  title: string
  parts: Part[]
}

export interface ReadOptions {
  lists: readonly List[]
  /** Finds dates and times. Undefined until it is loaded. */
  dates: DateWords | undefined
  /** Texts of parts that the user wants in the title. */
  kept: ReadonlySet<string>
}

const PRIORITIES: Record<string, Priority> = {
  none: 'none',
  low: 'low',
  medium: 'medium',
  high: 'high',
  urgent: 'urgent',
}

/** Reads `call the bank tomorrow 9am #home @errand !high`. Of several priorities, lists and dates the last one counts. */
export function readWords(text: string, { lists, dates, kept }: ReadOptions): Words {
  if (text.trim() === '') return { title: '', parts: [] }
  const found = [...markedParts(text, lists), ...(dates?.(text) ?? [])]
  const parts: Part[] = []
  for (const part of found.sort((a, b) => a.start - b.start || b.end - a.end)) {
    const isInside = part.start < (parts.at(-1)?.end ?? 0)
    if (!isInside && !kept.has(text.slice(part.start, part.end))) parts.push(part)
  }
  // What does not count stays in the title: nothing that was written is lost.
  const counting = withoutOverridden(parts)
  const title = counting.reduceRight((rest, { start, end }) => rest.slice(0, start) + rest.slice(end), text)
  return { title: title.replace(/\s+/g, ' ').trim(), parts: counting }
}

/** Finds `#list`, `@tag` and `!priority`, which begin a word. */
function markedParts(text: string, lists: readonly List[]): Part[] {
  const parts: Part[] = []
  for (const { index, 1: mark, 2: word = '' } of text.matchAll(/(?<=^|\s)([#@!])([^\s#@!]+)/g)) {
    const part = { start: index, end: index + 1 + word.length }
    if (mark === '@') parts.push({ ...part, means: { field: 'tag', tag: word } })
    else if (mark === '#') parts.push(listPart(text, index, word, lists))
    else {
      const priority = PRIORITIES[word.toLowerCase()]
      if (priority !== undefined) parts.push({ ...part, means: { field: 'priority', priority } })
    }
  }
  return parts
}

/** The name of a list may have spaces: the longest name that follows counts, or else the word, for a new list. */
function listPart(text: string, index: number, word: string, lists: readonly List[]): Part {
  const after = text.slice(index + 1).toLowerCase()
  const named = lists.filter(({ name }) => {
    const isNext = after.startsWith(name.toLowerCase())
    return isNext && /^(\s|$)/.test(after.slice(name.length))
  })
  const [list = { name: word.slice(0, LIMITS.listName) }] = named.toSorted((a, b) => b.name.length - a.name.length)
  const length = named.length > 0 ? list.name.length : word.length
  return { start: index, end: index + 1 + length, means: { field: 'list', list } }
}

/** All tags count; of the other fields, the last part. */
function withoutOverridden(parts: readonly Part[]): Part[] {
  return parts.filter(
    ({ means: { field } }, index) =>
      field === 'tag' || !parts.slice(index + 1).some((later) => later.means.field === field),
  )
}

/** Returns the task that the words describe. A list that does not exist yet is in `newList`. */
export function draftOf({ title, parts }: Words): { draft: TaskDraft; newList: string | undefined } {
  const draft: TaskDraft = { title }
  const tags: string[] = []
  let newList: string | undefined
  for (const { means } of parts)
    switch (means.field) {
      case 'list':
        if (means.list.id === undefined) newList = means.list.name
        else draft.listId = means.list.id
        break
      case 'tag':
        tags.push(means.tag)
        break
      case 'priority':
        draft.priority = means.priority
        break
      case 'due':
        draft.due = means.due
        break
    }
  if (tags.length > 0) draft.tags = tags
  return { draft, newList }
}
