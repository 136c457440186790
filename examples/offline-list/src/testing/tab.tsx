// Another tab of the same browser, in which the user decides about edits. The test edits through its store.
import { createClient } from '@taskwire/client'
import { TaskwireProvider } from '@taskwire/client/react'
import { openStore, type Store } from '@taskwire/client/store'
import { createRoot } from 'react-dom/client'
import { Undecided } from '../undecided.tsx'

declare global {
  var openTab: () => Promise<Store>
}

globalThis.openTab = async () => {
  const store = await openStore({ client: createClient({ url: 'http://localhost:4000' }) })
  createRoot(document.body).render(
    <TaskwireProvider store={store}>
      <Undecided />
    </TaskwireProvider>,
  )
  return store
}
