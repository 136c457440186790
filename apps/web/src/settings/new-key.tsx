import { isTaskwireError, LIMITS, type Scope } from '@taskwire/client'
import { addDays, instantOf } from '@taskwire/importers'
import { type FormEvent, useState } from 'react'
import { Field } from '../account/field.tsx'
import { formText } from '../calls/form-text.ts'
import { useAction } from '../calls/use-action.ts'
import { client } from '../client.ts'
import { dateIn } from '../views/today.ts'
import { SCOPES } from './scopes.ts'
import { Secret } from './secret.tsx'

interface NewKeyProps {
  timeZone: string
  onCreate(): void
}

/** Creates a key, and shows its secret once. */
export function NewKey({ timeZone, onCreate }: NewKeyProps) {
  const [isOpen, setOpen] = useState(false)
  const [secret, setSecret] = useState<string>()
  const action = useAction()
  async function create(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault()
    const data = new FormData(event.currentTarget)
    const date = formText(data, 'expires')
    const input = {
      name: formText(data, 'name').trim(),
      // The values are those of SCOPES.
      scopes: data.getAll('scope') as Scope[],
      expiresAt: date === '' ? undefined : instantOf({ date, time: '00:00', timeZone }).toISOString(),
    }
    const isDone = await action.run(async () => setSecret(await secretOf(input)))
    onCreate()
    if (isDone) setOpen(false)
  }
  if (secret !== undefined) return <Secret secret={secret} onClose={() => setSecret(undefined)} />
  if (!isOpen)
    return (
      <button type="button" onClick={() => setOpen(true)}>
        New key
      </button>
    )
  return (
    <form className="new-key" aria-label="New key" onSubmit={(event) => void create(event)}>
      <Field label="What it is for" name="name" maxLength={LIMITS.keyName} autoComplete="off" autoFocus />
      <fieldset>
        <legend>This key can</legend>
        {SCOPES.map(({ scope, name, hint }) => (
          <label key={scope} className="check">
            <input type="checkbox" name="scope" value={scope} defaultChecked={scope === 'tasks:read'} />
            <span>
              {name} <small>{hint}</small>
            </span>
          </label>
        ))}
      </fieldset>
      <Field
        label="Expires on"
        name="expires"
        type="date"
        required={false}
        min={addDays(dateIn(timeZone, new Date()), 1)}
        hint="Leave it empty for a key that does not expire."
      />
      <p role="alert">{action.problem}</p>
      <div className="row">
        <button className="primary" disabled={action.state === 'running'}>
          Create the key
        </button>
        <button type="button" onClick={() => setOpen(false)}>
          Cancel
        </button>
      </div>
    </form>
  )
}

async function secretOf(input: { name: string; scopes: Scope[]; expiresAt: string | undefined }): Promise<string> {
  if (input.scopes.length === 0) throw new Error('Choose at least one thing that the key may do.')
  try {
    return (await client.keys.create.mutate(input)).secret
  } catch (error) {
    if (isTaskwireError(error) && error.appCode === 'MUTATION_APPLIED')
      throw new Error('The key was created, but its secret was lost on the way. Revoke it, and create another one.', {
        cause: error,
      })
    throw error
  }
}
