import type { Priority } from '@taskwire/client'
import { useLists } from '@taskwire/client/react'
import { capital } from '../tasks/words.ts'

const PRIORITIES: readonly Priority[] = ['none', 'low', 'medium', 'high', 'urgent']

/** Chooses the list of a task; null: the inbox. Of a list that is gone, it says that another one is to be chosen. */
export function ListSelect({ value, onChange }: { value: string | null; onChange(listId: string | null): void }) {
  const lists = useLists()
  const isGone = value !== null && !lists.some(({ id }) => id === value)
  return (
    <label className="field">
      List
      <select
        value={isGone ? 'gone' : (value ?? 'inbox')}
        onChange={({ target }) => onChange(target.value === 'inbox' ? null : target.value)}
      >
        {isGone && (
          <option value="gone" disabled>
            Choose
          </option>
        )}
        <option value="inbox">Inbox</option>
        {lists.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
    </label>
  )
}

export function PrioritySelect({ value, onChange }: { value: Priority; onChange(priority: Priority): void }) {
  return (
    <label className="field">
      Priority
      <select
        value={value}
        onChange={({ target }) => {
          const priority = PRIORITIES.find((one) => one === target.value)
          if (priority !== undefined) onChange(priority)
        }}
      >
        {PRIORITIES.map((priority) => (
          <option key={priority} value={priority}>
            {capital(priority)}
          </option>
        ))}
      </select>
    </label>
  )
}
