import { LIMITS, type TaskDraft } from '@taskwire/client'
import { useLists, useTimeZone } from '@taskwire/client/react'
import { type FormEvent, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { useActions } from '../actions/provider.tsx'
import { formatDue } from '../tasks/words.ts'
import { useToday } from '../views/today.ts'
import type { DateWords, Part } from './part.ts'
import { draftOf, readWords } from './read-words.ts'

/** Adds a task from words such as `call the bank tomorrow 9am #home @errand !high`, and shows what it understands. */
export function QuickAdd({ draft }: { draft: Partial<TaskDraft> }) {
  const { add } = useActions()
  const lists = useLists()
  const dates = useDateWords()
  const [text, setText] = useState('')
  const [kept, setKept] = useState<ReadonlySet<string>>(new Set())
  const [problem, setProblem] = useState<string>()
  const input = useRef<HTMLInputElement>(null)
  const words = useMemo(() => readWords(text, { lists, dates: dates.find, kept }), [text, lists, dates.find, kept])

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault()
    const { draft: written, newList } = draftOf(words)
    if (written.title === '') return
    const tags = [...new Set([...(draft.tags ?? []), ...(written.tags ?? [])])]
    const wrong = problemOf(written.title, tags)
    if (wrong !== undefined) return setProblem(wrong)
    clear()
    try {
      await add({ ...draft, ...written, tags }, newList)
    } catch (error) {
      // Nothing that was written is lost.
      setText(text)
      setProblem(error instanceof Error ? error.message : String(error))
    }
  }
  function clear(): void {
    setText('')
    setKept(new Set())
    setProblem(undefined)
  }
  return (
    <form className="quick-add" onSubmit={(event) => void submit(event)}>
      <input
        ref={input}
        aria-label="Add task"
        aria-describedby="quick-add-preview"
        placeholder="Add task"
        autoComplete="off"
        enterKeyHint="done"
        value={text}
        onFocus={dates.load}
        onChange={({ target }) => setText(target.value)}
        onKeyDown={({ key }) => key === 'Escape' && (text === '' ? input.current?.blur() : clear())}
      />
      <div id="quick-add-preview" aria-live="polite">
        {words.parts.map((part) => (
          <PartChip
            key={part.start}
            part={part}
            onRemove={() => {
              setKept(new Set([...kept, text.slice(part.start, part.end)]))
              input.current?.focus()
            }}
          />
        ))}
      </div>
      <p role="alert">{problem}</p>
    </form>
  )
}

/** Says what the service would refuse. */
function problemOf(title: string, tags: readonly string[]): string | undefined {
  if ([...title].length > LIMITS.title)
    return `A title has at most ${LIMITS.title} characters; put the rest into the description`
  return tags.length > LIMITS.tagsPerTask
    ? `A task has at most ${LIMITS.tagsPerTask} tags, and these are ${tags.length}`
    : undefined
}

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
          : `Priority: ${means.priority}`
  return (
    <span className="chip" data-field={means.field}>
      {text}
      <button type="button" aria-label={`Keep “${text}” in the title`} onClick={onRemove}>
        ×
      </button>
    </span>
  )
}

/** The reader of dates, which is loaded once the page is there. */
function useDateWords(): { find: DateWords | undefined; load(): void } {
  const timeZone = useTimeZone()
  const today = useToday()
  const [create, setCreate] = useState<(timeZone: string, now: Date) => DateWords>()
  const find = useMemo(() => create?.(timeZone, new Date()), [create, timeZone, today])
  const load = useCallback(() => {
    // Without a network, before the browser has kept the whole page, dates stay in the title. The next focus tries again.
    import('./date-words.ts').then(({ dateWords }) => setCreate(() => dateWords)).catch(() => {})
  }, [])
  useEffect(load, [load])
  return { find, load }
}
