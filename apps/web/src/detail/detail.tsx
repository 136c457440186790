import { LIMITS, type Task, type TaskChanges } from '@taskwire/client'
import { useTask } from '@taskwire/client/react'
import { X } from 'lucide-react'
import { lazy, Suspense, useEffect, useId, useRef, useState } from 'react'
import { useActions } from '../actions/provider.tsx'
import { useErase } from '../actions/use-erase.ts'
import { DueField } from './due-field.tsx'
import { ListSelect, PrioritySelect } from './selects.tsx'
import { TagsField } from './tags-field.tsx'
import { TextField } from './text-field.tsx'
import { useOpenTask } from './open-task.ts'

const History = lazy(async () => ({ default: (await import('./history.tsx')).History }))

/** All that is known of the open task, beside the list. */
export function Detail() {
  const [id, open] = useOpenTask()
  const task = useTask(id)
  return task === undefined ? null : <TaskDetail key={task.id} task={task} close={() => open(undefined)} />
}

function TaskDetail({ task, close }: { task: Task; close(): void }) {
  const actions = useActions()
  const erase = useErase()
  const heading = useId()
  const panel = useRef<HTMLElement>(null)
  const [showsHistory, setShowsHistory] = useState(false)
  useEffect(() => panel.current?.focus(), [])
  const isTrash = task.deletedAt !== null
  function leave(): void {
    // A field that cannot be saved as it is keeps what was typed.
    const invalid = panel.current?.querySelector(':enabled[aria-invalid=true]')
    if (invalid instanceof HTMLElement) return invalid.focus()
    // Leaving a field saves it.
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur()
    close()
  }
  return (
    <aside
      ref={panel}
      className="detail"
      aria-labelledby={heading}
      tabIndex={-1}
      onKeyDown={({ key, defaultPrevented, nativeEvent }) => {
        if (key === 'Escape' && !defaultPrevented && !nativeEvent.isComposing) leave()
      }}
    >
      <header>
        <h2 id={heading}>Task</h2>
        <button type="button" className="icon" aria-label="Close the details" onClick={leave}>
          <X aria-hidden />
        </button>
      </header>
      {isTrash && <p className="notice">This task is in the trash. Restore it to change it.</p>}
      <Fields task={task} isDisabled={isTrash} />
      <p className="detail-actions">
        {isTrash ? (
          <>
            <button type="button" onClick={() => void actions.restore([task])}>
              Restore
            </button>
            <button type="button" onClick={() => void erase([task])}>
              Erase
            </button>
          </>
        ) : (
          <button type="button" onClick={() => void actions.trash([task])}>
            Delete
          </button>
        )}
        <button type="button" aria-expanded={showsHistory} onClick={() => setShowsHistory(!showsHistory)}>
          History
        </button>
      </p>
      {showsHistory && (
        <Suspense fallback={<p>Reading the history</p>}>
          <History task={task} />
        </Suspense>
      )}
    </aside>
  )
}

/** The fields of the task, which are saved as the user leaves them. */
function Fields({ task, isDisabled }: { task: Task; isDisabled: boolean }) {
  const actions = useActions()
  const change = async (changes: TaskChanges): Promise<boolean> => await actions.edit(task, changes)
  return (
    <fieldset disabled={isDisabled}>
      <label className="row">
        <input type="checkbox" checked={task.complete} onChange={() => void actions.complete([task], !task.complete)} />
        Complete
      </label>
      <TextField
        label="Title"
        value={task.title}
        max={LIMITS.title}
        isRequired
        onChange={async (title) => await change({ title })}
      />
      <TextField
        label="Description"
        value={task.description ?? ''}
        max={LIMITS.description}
        isLong
        onChange={async (text) => await change({ description: text === '' ? null : text })}
      />
      <ListSelect value={task.listId} onChange={(listId) => void actions.move([task], listId)} />
      <DueField due={task.due} onChange={async (due) => await change({ due })} />
      <PrioritySelect value={task.priority} onChange={(priority) => void change({ priority })} />
      <TagsField tags={task.tags} onChange={(tags) => void change({ tags })} />
    </fieldset>
  )
}
