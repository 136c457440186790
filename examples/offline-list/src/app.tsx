import { createClient } from '@taskwire/client'
import { type SignInProps, TaskwireProvider, useMutations, useSync, useTasks } from '@taskwire/client/react'
import { createRoot } from 'react-dom/client'

const SignIn = ({ submit, error }: SignInProps) => (
  <form action={submit}>
    <input name="email" aria-label="E-mail" /> <input name="password" aria-label="Password" type="password" />
    <button>Sign in</button> {error?.message}
  </form>
)

function Tasks() {
  const open = useTasks({ complete: false }, { by: 'title', direction: 'asc' })
  const { tasks } = useMutations()
  const { state, failing, pending, refused, conflicts } = useSync()
  return (
    <>
      <form action={(form) => void tasks.create({ title: String(form.get('title')) })}>
        <input name="title" aria-label="New task" required /> <button>Add</button>
      </form>
      <ul>
        {open.map(({ id, title }) => (
          <li key={id}>
            {title} <button onClick={() => void tasks.complete(id)}>Complete</button>
          </li>
        ))}
      </ul>
      <output>{[state, pending.length, 'to send', failing?.since.toLocaleString(), failing?.message].join(' ')}</output>
      <p role="alert">{refused.map((edit) => `${edit.title}: ${edit.refusal.message}`).join('; ')}</p>
      <p role="alert">{conflicts.map((edit) => `${edit.title} was changed elsewhere, too`).join('; ')}</p>
    </>
  )
}

createRoot(document.body).render(
  <TaskwireProvider client={createClient({ url: 'http://localhost:4000' })} signIn={SignIn}>
    <Tasks />
  </TaskwireProvider>,
)
