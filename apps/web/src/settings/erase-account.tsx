import { isTaskwireError } from '@taskwire/client'
import { useStore } from '@taskwire/client/react'
import { useRef, useState } from 'react'
import { useLocation } from 'wouter'
import { Field } from '../account/field.tsx'
import { useAction } from '../calls/use-action.ts'
import { client } from '../client.ts'

/** Erases the account, and all that is kept of it here. `proof` is what the user has to type. */
export function EraseAccount({ proof }: { proof: string }) {
  const store = useStore()
  const [, navigate] = useLocation()
  const dialog = useRef<HTMLDialogElement>(null)
  const [text, setText] = useState('')
  const action = useAction()
  async function erase(): Promise<void> {
    await client.me.delete.mutate({}).catch((error: unknown) => {
      // The client has repeated the call, and the first attempt had erased the account.
      if (!(isTaskwireError(error) && error.appCode === 'NOT_FOUND')) throw error
    })
    navigate('/', { replace: true })
    await store.erase({ unsent: 'discard' })
  }
  const isProven = text.trim().toLowerCase() === proof.toLowerCase()
  return (
    <section className="card" aria-labelledby="erase-title">
      <h2 id="erase-title">Erase the account</h2>
      <p className="soft">Erases all tasks, lists, history and keys, on the service and on this device, for good.</p>
      <button type="button" className="danger" onClick={() => dialog.current?.showModal()}>
        Erase the account…
      </button>
      <dialog ref={dialog} aria-labelledby="erase-question" closedby="any" onClose={() => setText('')}>
        <h2 id="erase-question">Erase everything?</h2>
        <p>This cannot be undone. Download everything first if you may need it again.</p>
        <form
          onSubmit={(event) => {
            event.preventDefault()
            void action.run(erase)
          }}
        >
          <Field
            label={`To confirm, type ${proof}`}
            autoComplete="off"
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
          <p role="alert">{action.problem}</p>
          <div className="row">
            <button className="danger" disabled={!isProven || action.state === 'running'}>
              {action.state === 'running' ? 'Erasing…' : 'Erase everything'}
            </button>
            <button type="button" onClick={() => dialog.current?.close()}>
              Keep the account
            </button>
          </div>
        </form>
      </dialog>
    </section>
  )
}
