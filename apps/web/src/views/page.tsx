import type { Task, TaskDraft } from '@taskwire/client'
import { useSync } from '@taskwire/client/react'
import { type ReactNode, useEffect, useState } from 'react'
import { QuickAdd } from '../quick-add/quick-add.tsx'
import { TaskList } from '../tasks/task-list.tsx'

interface PageProps {
  title: string
  tasks: readonly Task[]
  /** What a task has that is added here; null: none can be added. */
  draft: Partial<TaskDraft> | null
  /** Said if there are no tasks. */
  empty: string
  /** Tasks can be placed by hand. */
  isOrdered?: boolean
  /** Tasks are shown below their dates. */
  isByDate?: boolean | undefined
  /** Beside the title. */
  children?: ReactNode
}

/** A page with tasks. */
export function Page({ title, tasks, draft, empty, isOrdered = false, isByDate = false, children }: PageProps) {
  const [isSelecting, setSelecting] = useState(false)
  useEffect(() => {
    document.title = `${title} · Taskwire`
  }, [title])
  return (
    <>
      <header className="page-header">
        <h1 dir="auto">{title}</h1>
        {children}
        {tasks.length > 0 && !isSelecting && (
          <button type="button" className="select" onClick={() => setSelecting(true)}>
            Select
          </button>
        )}
      </header>
      {draft !== null && <QuickAdd draft={draft} />}
      {tasks.length === 0 ? (
        <Empty text={empty} />
      ) : (
        <TaskList
          name={title}
          tasks={tasks}
          isOrdered={isOrdered}
          isByDate={isByDate}
          isSelecting={isSelecting}
          setSelecting={setSelecting}
        />
      )}
    </>
  )
}

/** Without the tasks of the service, nobody knows yet whether there are none. */
function Empty({ text }: { text: string }) {
  const { lastSynced } = useSync()
  return <p className="empty">{lastSynced === null ? 'Loading your tasks…' : text}</p>
}
