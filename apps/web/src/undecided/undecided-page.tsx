import { useSync, useTask } from '@taskwire/client/react'
import { StoreError, type ConflictingEdit, type RefusedEdit } from '@taskwire/client/store'
import { useEffect, useId, useRef, useState } from 'react'
import { Link } from 'wouter'
import { failureWords } from '../calls/failure-words.ts'
import { useOpenTask } from '../detail/open-task.ts'
import { Conflict } from './conflict.tsx'
import { describeEdit } from './describe-edit.ts'
import { Refused } from './refused.tsx'
import { useKnown } from './use-known.ts'

/** The place where the user settles what the service has not accepted. */
export function UndecidedPage() {
  const { refused, conflicts } = useSync()
  const edits = [...refused, ...conflicts].sort((a, b) => a.order - b.order)
  const [problem, setProblem] = useState<string>()
  const page = useRef<HTMLDivElement>(null)
  /** Which place gets the focus once the edit that is there is settled. */
  const decided = useRef<number>(undefined)
  useEffect(() => {
    document.title = 'To decide · Taskwire'
  }, [])
  useEffect(() => {
    if (decided.current === undefined) return
    const places = page.current?.querySelectorAll<HTMLElement>('[tabindex="-1"]') ?? []
    places[Math.min(decided.current, places.length - 1)]?.focus()
    decided.current = undefined
  }, [edits.length])

  async function decide(decision: Promise<void>, place: number): Promise<void> {
    decided.current = place
    setProblem(undefined)
    try {
      await decision
    } catch (error) {
      // Another tab was faster.
      if (error instanceof StoreError && error.code === 'NOT_FOUND') return
      decided.current = undefined
      setProblem(failureWords(error))
    }
  }
  return (
    <div ref={page} className="scroller undecided">
      <header className="page-header">
        <h1>To decide</h1>
      </header>
      <p role="alert">{problem}</p>
      {edits.length === 0 ? (
        <div className="empty" tabIndex={-1}>
          <p>Nothing to decide.</p>
          <Link href="/">Back to the tasks</Link>
        </div>
      ) : (
        <ol>
          {edits.map((edit, index) => (
            <Item key={edit.order} edit={edit} decide={(decision) => void decide(decision, index)} />
          ))}
        </ol>
      )}
    </div>
  )
}

const when = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })

interface ItemProps {
  edit: RefusedEdit | ConflictingEdit
  decide(decision: Promise<void>): void
}

function Item({ edit, decide }: ItemProps) {
  const id = useId()
  const known = useKnown()
  const task = useTask(edit.procedure.startsWith('tasks.') ? edit.input.id : undefined)
  const [, openTask] = useOpenTask()
  return (
    <li tabIndex={-1} aria-labelledby={id} className="undecided-item">
      <h2 id={id} dir="auto">
        {describeEdit(edit, known)}
      </h2>
      <p className="made">
        <time dateTime={edit.madeAt}>{when.format(new Date(edit.madeAt))}</time>
        {task !== undefined && (
          <button type="button" className="link" onClick={() => openTask(task.id)}>
            Open the task
          </button>
        )}
      </p>
      {edit.state === 'refused' ? (
        // What the service says anew is about other values.
        <Refused key={edit.refusal.message} edit={edit} decide={decide} />
      ) : (
        <Conflict edit={edit} decide={decide} />
      )}
    </li>
  )
}
