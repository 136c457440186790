// Another tab of the same browser, in which the user decides about edits. The test edits through its store.
import { createClient, signIn } from '@taskwire/client'
import { TaskwireProvider } from '@taskwire/client/react'
import { openStore, type Store } from '@taskwire/client/store'
import { createRoot } from 'react-dom/client'
import { Undecided } from '../undecided.tsx'

declare global {
  var openTab: () => Promise<Store>
  var signInTab: (email: string, password: string) => Promise<unknown>
}

const url = 'http://localhost:4000'
globalThis.signInTab = async (email, password) => await signIn({ url, email, password })

globalThis.openTab = async () => {
  const store = await openStore({ client: createClient({ url }) })
  createRoot(document.body).render(
    <TaskwireProvider store={store}>
      <Undecided />
    </TaskwireProvider>,
  )
  return store
}
