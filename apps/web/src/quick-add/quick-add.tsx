import { LIMITS, type TaskDraft } from '@taskwire/client'
import { useLists, useTimeZone } from '@taskwire/client/react'
import { type FormEvent, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { quoted } from '../actions/done.ts'
import { useActions } from '../actions/provider.tsx'
import { capital, formatDue } from '../tasks/words.ts'
import { useToday } from '../views/today.ts'
import type { DateWords, Part } from './part.ts'
import { draftOf, readWords, type Words } from './read-words.ts'
import { QUICK_ADD } from './use-add-task.ts'
import { NOTHING, useWritten } from './use-written.ts'

/** Adds a task from words such as `call the bank tomorrow 9am #home @errand !high`, and shows what it understands. */
export function QuickAdd({ draft }: { draft: Partial<TaskDraft> }) {
  const { add } = useActions()
  const [{ text, kept }, write] = useWritten()
  const [problem, setProblem] = useState<string>()
  const input = useRef<HTMLInputElement>(null)
  const { words, prepare } = useWords(text, kept)

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault()
    const { draft: written, newList } = draftOf(words)
    if (written.title === '') return setProblem(text.trim() === '' ? undefined : 'Write what is to be done, too')
    const tags = [...new Set([...(draft.tags ?? []), ...(written.tags ?? [])])]
    const wrong = problemOf(written.title, tags)
    if (wrong !== undefined) return setProblem(wrong)
    clear()
    try {
      await add({ ...draft, ...written, tags }, newList)
    } catch (error) {
      // Nothing that was written is lost, nor what was written since.
      write((since) => ({ ...since, text: since.text === '' ? text : `${text} ${since.text}` }))
      setProblem(error instanceof Error ? error.message : String(error))
    }
  }
  function clear(): void {
    write(() => NOTHING)
    setProblem(undefined)
  }
  function keep({ start, end }: Part): void {
    write(() => ({ text, kept: new Set([...kept, text.slice(start, end)]) }))
    input.current?.focus()
  }
  return (
    <form className="quick-add" onSubmit={(event) => void submit(event)}>
      <input
        ref={input}
        id={QUICK_ADD}
        dir="auto"
        aria-label="Add task"
        aria-describedby="quick-add-preview"
        placeholder="Add task"
        autoComplete="off"
        enterKeyHint="done"
        value={text}
        onFocus={prepare}
        onChange={({ target }) => {
          write((old) => ({ ...old, text: target.value }))
          setProblem(undefined)
        }}
        onKeyDown={({ key, nativeEvent }) => {
          if (key !== 'Escape' || nativeEvent.isComposing) return
          if (text === '') input.current?.blur()
          else clear()
        }}
      />
      <Understood parts={words.parts} isEmpty={text === ''} onRemove={keep} />
      <p role="alert">{problem}</p>
    </form>
  )
}

/** Says what the service would refuse. */
function problemOf(title: string, tags: readonly string[]): string | undefined {
  if ([...title].length > LIMITS.title)
    return `A title has at most ${LIMITS.title} characters; put the rest into the description`
  const long = tags.find((tag) => [...tag].length > LIMITS.tag)
  if (long !== undefined) return `A tag has at most ${LIMITS.tag} characters; shorten ${quoted(`@${long}`)}`
  const surplus = tags.length - LIMITS.tagsPerTask
  return surplus > 0
    ? `A task has at most ${LIMITS.tagsPerTask} tags. This one has ${tags.length}; remove ${surplus}`
    : undefined
}

interface UnderstoodProps {
  parts: readonly Part[]
  /** Nothing has been typed. */
  isEmpty: boolean
  onRemove(part: Part): void
}

/** What has been understood, and before that what can be. */
const Understood = ({ parts, isEmpty, onRemove }: UnderstoodProps) => (
  <div className="understood">
    {isEmpty && <p className="hint">You can write “tomorrow 9am”, #list, @tag and !high, too</p>}
    <div id="quick-add-preview" aria-live="polite">
      {parts.map((part) => (
        <PartChip key={part.start} part={part} onRemove={() => onRemove(part)} />
      ))}
    </div>
  </div>
)

/** What a part of the text means. It can be taken back. */
function PartChip({ part: { means }, onRemove }: { part: Part; onRemove(): void }) {
  const today = useToday()
  const text =
    means.field === 'due'
      ? formatDue(means.due, today)
      : means.field === 'list'
        ? `${means.list.id === undefined ? 'New list: ' : ''}${means.list.name}`
        : means.field === 'tag'
          ? `@${means.tag}`
          : `Priority: ${capital(means.priority)}`
  return (
    <span className="chip" data-field={means.field}>
      {text}
      <button type="button" aria-label={`Keep “${text}” in the title`} onClick={onRemove}>
        ×
      </button>
    </span>
  )
}

/** Reads the words. `prepare` makes the first reading as fast as the others. */
function useWords(text: string, kept: ReadonlySet<string>): { words: Words; prepare(): void } {
  const lists = useLists()
  const { find, prepare } = useDateWords()
  const words = useMemo(() => readWords(text, { lists, dates: find, kept }), [text, lists, find, kept])
  return { words, prepare }
}

/** The reader of dates, which is loaded once the page is there. */
function useDateWords(): { find: DateWords | undefined; prepare(): void } {
  const timeZone = useTimeZone()
  const today = useToday()
  const [create, setCreate] = useState<CreateDateWords>()
  const find = useMemo(() => create?.(timeZone, new Date()), [create, timeZone, today])
  const load = useCallback(async () => {
    try {
      const { dateWords } = await import('./date-words.ts')
      setCreate(() => dateWords)
      if (document.activeElement?.id === QUICK_ADD) readFirst(dateWords)
    } catch {
      // Without a network, before the browser has kept the whole page, dates stay in the title. The next focus tries
      // again.
    }
  }, [])
  useEffect(() => void load(), [load])
  function prepare(): void {
    if (create === undefined) void load()
    else readFirst(create)
  }
  return { find, prepare }
}

/** The first reading takes twenty times as long as others, so it is done before a key waits for it. */
const readFirst = (create: CreateDateWords): void => void create('UTC', new Date())('')

type CreateDateWords = (timeZone: string, now: Date) => DateWords
