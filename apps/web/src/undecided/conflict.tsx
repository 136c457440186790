import { useMutations } from '@taskwire/client/react'
import type { ConflictingEdit } from '@taskwire/client/store'
import { nameOfField } from '../calls/field-names.ts'
import { describeValue } from './describe-value.ts'
import { useKnown } from './use-known.ts'

/** An edit of what someone else has changed too: both values of each field, side by side. */
export function Conflict({ edit, decide }: { edit: ConflictingEdit; decide(decision: Promise<void>): void }) {
  const { resolve } = useMutations()
  const known = useKnown()
  // Someone has changed what this edit deletes.
  const isDeletion = edit.procedure === 'tasks.purge' || edit.procedure === 'lists.delete'
  return (
    <>
      <p>
        {isDeletion ? 'It was changed elsewhere since you deleted it.' : 'It was changed elsewhere at the same time.'}
      </p>
      <table className="both">
        <thead>
          <tr>
            <th scope="col">This device</th>
            <th scope="col">Elsewhere</th>
          </tr>
        </thead>
        {edit.fields.map(({ field, mine, theirs }) => (
          <tbody key={field}>
            {edit.fields.length > 1 && (
              <tr>
                <th colSpan={2} scope="rowgroup">
                  {nameOfField(field)}
                </th>
              </tr>
            )}
            <tr>
              <td dir="auto">{mine === undefined ? 'Deleted' : describeValue(field, mine, known)}</td>
              <td dir="auto">{describeValue(field, theirs, known)}</td>
            </tr>
          </tbody>
        ))}
      </table>
      <div className="sides">
        <button type="button" onClick={() => decide(resolve(edit, 'mine'))}>
          Keep mine
        </button>
        <button type="button" onClick={() => decide(resolve(edit, 'theirs'))}>
          Keep the other
        </button>
      </div>
    </>
  )
}
