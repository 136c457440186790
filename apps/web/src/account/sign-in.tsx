import { LIMITS, signUp } from '@taskwire/client'
import type { SignInProps } from '@taskwire/client/react'
import { useActionState, useState } from 'react'
import { formText } from '../calls/form-text.ts'
import { client } from '../client.ts'
import { Field } from './field.tsx'

const FORMS = { signIn: 'I have an account', signUp: 'I am new here', forgotten: 'I forgot my password' } as const

/** Signs the user in. It is shown instead of the app, or above it if the session has ended. */
export function SignIn({ submit, error }: SignInProps) {
  const [form, setForm] = useState<keyof typeof FORMS>('signIn')
  return (
    <main className="sign-in">
      <h1>Taskwire</h1>
      {form === 'signIn' && <SignInForm submit={submit} error={error} />}
      {form === 'signUp' && <SignUpForm submit={submit} error={error} />}
      {form === 'forgotten' && <Forgotten />}
      <p className="sign-in-others">
        {Object.entries(FORMS).map(
          ([name, text]) =>
            name !== form && (
              // The names are those of FORMS.
              <button key={name} type="button" className="link" onClick={() => setForm(name as typeof form)}>
                {text}
              </button>
            ),
        )}
      </p>
    </main>
  )
}

function SignInForm({ submit, error }: SignInProps) {
  const [, act, isPending] = useActionState<null, FormData>(async (_, form) => {
    await submit(form)
    return null
  }, null)
  return (
    <form action={act}>
      <Field label="Email" name="email" type="email" autoComplete="username" autoFocus />
      <Field label="Password" name="password" type="password" autoComplete="current-password" />
      <button className="primary" disabled={isPending}>
        Sign in
      </button>
      <p role="alert">{error?.message}</p>
    </form>
  )
}

function SignUpForm({ submit, error }: SignInProps) {
  const [problem, act, isPending] = useActionState<string | null, FormData>(async (_, form) => {
    const text = (name: string): string => formText(form, name)
    try {
      await signUp({ url: client.url, email: text('email'), password: text('password'), name: text('name') })
    } catch (failure) {
      return failure instanceof Error ? failure.message : String(failure)
    }
    await submit(form)
    return null
  }, null)
  return (
    <form action={act}>
      <Field label="Name" name="name" autoComplete="name" maxLength={LIMITS.accountName} autoFocus />
      <Field label="Email" name="email" type="email" autoComplete="username" />
      <Field
        label="Password"
        name="password"
        type="password"
        autoComplete="new-password"
        minLength={LIMITS.passwordMin}
        maxLength={LIMITS.passwordMax}
        hint={`At least ${LIMITS.passwordMin} characters`}
      />
      <button className="primary" disabled={isPending}>
        Create account
      </button>
      <p role="alert">{problem ?? error?.message}</p>
    </form>
  )
}

const Forgotten = () => (
  <p>Ask the operator of this service for a link with which you can set a new password. Your tasks stay as they are.</p>
)
