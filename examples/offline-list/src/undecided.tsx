import { useMutations, useSync } from '@taskwire/client/react'

/** The edits that the service has not accepted, for the user to decide. */
export function Undecided() {
  const { refused, conflicts } = useSync()
  const { retry, dismiss, resolve } = useMutations()
  return (
    <ul aria-label="To decide">
      {refused.map((edit) => (
        <li key={edit.order}>
          {edit.title}: {edit.refusal.message} <button onClick={() => void retry(edit)}>Send again</button>
          <button onClick={() => void dismiss(edit)}>Give up</button>
        </li>
      ))}
      {conflicts.map((edit) => (
        <li key={edit.order}>
          {edit.title} {edit.fields.map(({ field, mine, theirs }) => `${field}: ${show(mine)}, or ${show(theirs)}?`)}
          <button onClick={() => void resolve(edit, 'mine')}>Keep mine</button>
          <button onClick={() => void resolve(edit, 'theirs')}>Keep theirs</button>
        </li>
      ))}
    </ul>
  )
}

/** Writes the value of a field, such as a due, which is an object; undefined deletes the row. */
function show(value: unknown): string {
  if (value === undefined) return 'delete it'
  return typeof value === 'string' ? value : JSON.stringify(value)
}
