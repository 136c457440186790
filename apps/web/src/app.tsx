import { TaskwireProvider } from '@taskwire/client/react'
import { SignIn } from './account/sign-in.tsx'
import { ActionsProvider } from './actions/provider.tsx'
import { client } from './client.ts'
import { Shell } from './shell/shell.tsx'

export function App() {
  return (
    <TaskwireProvider client={client} signIn={SignIn}>
      <ActionsProvider>
        <Shell />
      </ActionsProvider>
    </TaskwireProvider>
  )
}
