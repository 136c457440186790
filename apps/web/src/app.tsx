import { TaskwireProvider } from '@taskwire/client/react'
import { SignIn } from './account/sign-in.tsx'
import { AskProvider } from './actions/ask.tsx'
import { ActionsProvider } from './actions/provider.tsx'
import { client } from './client.ts'
import { ImportProvider } from './import/import-state.tsx'
import { PaletteProvider } from './palette/palette-provider.tsx'
import { Shell } from './shell/shell.tsx'

export function App() {
  return (
    <TaskwireProvider client={client} signIn={SignIn}>
      <ActionsProvider>
        <AskProvider>
          <PaletteProvider>
            <ImportProvider>
              <Shell />
            </ImportProvider>
          </PaletteProvider>
        </AskProvider>
      </ActionsProvider>
    </TaskwireProvider>
  )
}
