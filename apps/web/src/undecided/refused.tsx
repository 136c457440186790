import { useMutations } from '@taskwire/client/react'
import type { RefusedEdit } from '@taskwire/client/store'
import { type FormEvent, useState } from 'react'
import { useAsk } from '../actions/ask.tsx'
import { quoted } from './describe-edit.ts'
import { MendField } from './mend-field.tsx'
import { problemOf, send, type Values, valuesIn } from './mending.ts'
import { reasonsOf } from './reasons.ts'

/** A refused edit: why, and what the user can do about it. */
export function Refused({ edit, decide }: { edit: RefusedEdit; decide(decision: Promise<void>): void }) {
  const mutations = useMutations()
  const ask = useAsk()
  const [mended, setMended] = useState<Values>({})
  const values = { ...valuesIn(edit), ...mended }
  const reasons = reasonsOf(edit)
  const fields = [...new Set(reasons.flatMap(({ field }) => field ?? []))]
  const isWrong = fields.some((field) => {
    const value = Object.entries(values).find(([name]) => name === field)?.[1]
    return field === 'listId' ? mended.listId === undefined : problemOf(field, value) !== undefined
  })

  function submit(event: FormEvent): void {
    event.preventDefault()
    const toTop = fields.includes('after') ? { after: null } : {}
    decide(send(edit, { ...mended, ...toTop }, mutations))
  }
  async function discard(): Promise<void> {
    // All that the user has written goes with it.
    const isNew = edit.procedure === 'tasks.create' || edit.procedure === 'lists.create'
    const question = {
      title: `Discard ${isNew ? '' : 'this change to '}${quoted(edit.title)}?`,
      text: isNew
        ? 'It exists only on this device. Discarding deletes it and every later change to it. This cannot be undone.'
        : 'The service does not have this change. Discarding it cannot be undone.',
      yes: 'Discard',
    }
    if (await ask(question)) decide(mutations.dismiss(edit))
  }
  return (
    <form onSubmit={submit}>
      <ul className="reasons">
        {[...new Set(reasons.map(({ text }) => text))].map((text) => (
          <li key={text}>{text}</li>
        ))}
      </ul>
      {fields.map((field) => (
        <MendField
          key={field}
          field={field}
          values={values}
          onChange={(changed) => setMended({ ...mended, ...changed })}
        />
      ))}
      <div className="answers">
        <button type="button" onClick={() => void discard()}>
          Discard
        </button>
        {!reasons.every(({ isFinal }) => isFinal) && (
          <button className="primary" disabled={isWrong}>
            Send again
          </button>
        )}
      </div>
    </form>
  )
}
