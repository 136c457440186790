import { isTaskwireError, LIMITS, signUp } from '@taskwire/client'
import type { SignInProps } from '@taskwire/client/react'
import { type FormEvent, useLayoutEffect, useState } from 'react'
import { troubleWords } from '../calls/failure-words.ts'
import { formText } from '../calls/form-text.ts'
import { useAction } from '../calls/use-action.ts'
import { client } from '../client.ts'
import { Field } from './field.tsx'

const FORMS = { signIn: 'I have an account', signUp: 'I am new here', forgotten: 'I forgot my password' } as const

/** Signs the user in. It is shown instead of the app, or above it if the session has ended. */
export function SignIn({ submit, error }: SignInProps) {
  const [form, setForm] = useState<keyof typeof FORMS>('signIn')
  const [hasTried, setTried] = useState(false)
  const [isAbove, setAbove] = useState<boolean>()
  // What was shown before is gone from the document only now.
  useLayoutEffect(() => setAbove(document.querySelector('#page') !== null), [])
  if (isAbove === undefined) return null
  async function trySubmit(data: FormData): Promise<void> {
    await submit(data)
    setTried(true)
  }
  const problem = problemOf(error, hasTried)
  // The page below is the main part already.
  const Frame = isAbove ? 'section' : 'main'
  return (
    <Frame className="sign-in" aria-label="Sign in">
      {!isAbove && <h1>Taskwire</h1>}
      {form === 'signIn' && <SignInForm submit={trySubmit} problem={problem} takesFocus={!isAbove} />}
      {form === 'signUp' && <SignUpForm submit={trySubmit} problem={problem} />}
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
    </Frame>
  )
}

/** Says why the user is not signed in; undefined if nothing is wrong. */
function problemOf(error: SignInProps['error'], hasTried: boolean): string | undefined {
  if (error === null) return undefined
  const isWrong = hasTried && error.code === 'UNAUTHENTICATED'
  return isWrong ? 'The email or the password is wrong.' : troubleWords(error)
}

interface FormProps {
  /** Never rejects. */
  submit(data: FormData): Promise<void>
  problem: string | undefined
}

function SignInForm({ submit, problem, takesFocus }: FormProps & { takesFocus: boolean }) {
  const action = useAction()
  async function signIn(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault()
    const data = new FormData(event.currentTarget)
    await action.run(async () => await submit(data))
  }
  return (
    <form onSubmit={(event) => void signIn(event)}>
      <Field label="Email" name="email" type="email" autoComplete="username" autoFocus={takesFocus} />
      <Field label="Password" name="password" type="password" autoComplete="current-password" />
      <button className="primary" disabled={action.state === 'running'}>
        Sign in
      </button>
      <p role="alert">{problem}</p>
    </form>
  )
}

function SignUpForm({ submit, problem }: FormProps) {
  const action = useAction()
  async function create(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault()
    const data = new FormData(event.currentTarget)
    await action.run(async () => {
      await createAccount(data)
      await submit(data)
    })
  }
  return (
    <form onSubmit={(event) => void create(event)}>
      <Field label="Name" name="name" autoComplete="name" maxLength={LIMITS.accountName} autoFocus />
      <Field label="Email" name="email" type="email" autoComplete="username" />
      <Field
        label="Password"
        name="password"
        type="password"
        autoComplete="new-password"
        minLength={LIMITS.passwordMin}
        hint={`At least ${LIMITS.passwordMin} characters`}
      />
      <button className="primary" disabled={action.state === 'running'}>
        Create account
      </button>
      <p role="alert">{action.problem ?? (action.state === 'done' ? problem : undefined)}</p>
    </form>
  )
}

async function createAccount(data: FormData): Promise<void> {
  const text = (name: string): string => formText(data, name)
  try {
    await signUp({ url: client.url, email: text('email'), password: text('password'), name: text('name') })
  } catch (cause) {
    if (isTaskwireError(cause) && cause.appCode === 'ALREADY_EXISTS')
      throw new Error('This email has an account already. Sign in to it, or use another email.', { cause })
    throw cause
  }
}

const Forgotten = () => (
  <p>Ask the operator of this service for a link with which you can set a new password. Your tasks stay as they are.</p>
)
