import { LIMITS } from '@taskwire/client'
import { useStore } from '@taskwire/client/react'
import { type FormEvent } from 'react'
import { Field } from '../account/field.tsx'
import { formText } from '../calls/form-text.ts'
import { Outcome } from '../calls/outcome.tsx'
import { useAction } from '../calls/use-action.ts'
import { changePassword } from './change-password.ts'

export function PasswordForm({ email }: { email: string }) {
  const store = useStore()
  const action = useAction()
  async function change(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault()
    const form = event.currentTarget
    const data = new FormData(form)
    if (!(await action.run(async () => await changePassword(formText(data, 'current'), formText(data, 'new'))))) return
    form.reset()
    // The old session has ended, and so has the store's connection.
    store.resume()
  }
  return (
    <section className="card" aria-labelledby="password-title">
      <h2 id="password-title">Password</h2>
      <form onSubmit={(event) => void change(event)}>
        {/* So that password managers know whose password it is. */}
        <input type="email" name="email" value={email} autoComplete="username" readOnly hidden />
        <Field label="Current password" name="current" type="password" autoComplete="current-password" />
        <Field
          label="New password"
          name="new"
          type="password"
          autoComplete="new-password"
          minLength={LIMITS.passwordMin}
          hint={`At least ${LIMITS.passwordMin} characters. You stay signed in here, and are signed out everywhere else.`}
        />
        <button className="primary" disabled={action.state === 'running'}>
          Change password
        </button>
        <Outcome action={action} done="The password is changed. Every other device is signed out." />
      </form>
    </section>
  )
}
