import { useLists } from '@taskwire/client/react'
import { useActions } from '../actions/provider.tsx'
import type { Selection } from './use-selection.ts'

/** What can be done to the selected tasks. */
export function BulkBar({ selection: { tasks, clear } }: { selection: Selection }) {
  const actions = useActions()
  const lists = useLists()
  if (tasks.length === 0) return null
  const isTrash = tasks.every(({ deletedAt }) => deletedAt !== null)
  const isDone = tasks.every(({ complete }) => complete)
  return (
    <div role="toolbar" aria-label="Selected tasks" className="bulk-bar">
      <span>{tasks.length} selected</span>
      {isTrash ? (
        <button type="button" onClick={() => void actions.restore(tasks)}>
          Restore
        </button>
      ) : (
        <>
          <button type="button" onClick={() => void actions.complete(tasks, !isDone)}>
            {isDone ? 'Reopen' : 'Complete'}
          </button>
          <label>
            Move to{' '}
            <select
              value=""
              onChange={({ target }) => void actions.move(tasks, target.value === 'inbox' ? null : target.value)}
            >
              <option value="" disabled>
                …
              </option>
              <option value="inbox">Inbox</option>
              {lists.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </select>
          </label>
          <button type="button" onClick={() => void actions.trash(tasks)}>
            Delete
          </button>
        </>
      )}
      <button type="button" onClick={clear}>
        Cancel
      </button>
    </div>
  )
}
