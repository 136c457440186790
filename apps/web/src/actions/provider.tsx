import { useStore } from '@taskwire/client/react'
import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from 'react'
import { type Actions, createActions, type Done } from './actions.ts'

interface Undoing {
  /** What was done last; undefined after it was undone or dismissed. */
  last: Done | undefined
  undo(): Promise<void>
  dismiss(): void
}

const ActionsContext = createContext<Actions | undefined>(undefined)
const UndoContext = createContext<Undoing | undefined>(undefined)

/** How many actions can be undone, one after the other. */
const MOST = 50

export function ActionsProvider({ children }: { children: ReactNode }) {
  const store = useStore()
  const [history, setHistory] = useState<readonly Done[]>([])
  const [isShown, setShown] = useState(false)
  const actions = useMemo(
    () =>
      createActions(store, (done) => {
        setHistory((earlier) => [...earlier.slice(1 - MOST), done])
        setShown(true)
      }),
    [store],
  )
  const dismiss = useCallback(() => setShown(false), [])
  const last = history.at(-1)
  const undoing = useMemo(
    () => ({
      last: isShown ? last : undefined,
      async undo() {
        setHistory((all) => all.slice(0, -1))
        setShown(false)
        await last?.undo()
      },
      dismiss,
    }),
    [last, isShown, dismiss],
  )
  return (
    <ActionsContext value={actions}>
      <UndoContext value={undoing}>{children}</UndoContext>
    </ActionsContext>
  )
}

export function useActions(): Actions {
  const actions = useContext(ActionsContext)
  if (actions === undefined) throw new Error('There are no actions: render this component inside <ActionsProvider>')
  return actions
}

export function useUndo(): Undoing {
  const undoing = useContext(UndoContext)
  if (undoing === undefined) throw new Error('There is no undo: render this component inside <ActionsProvider>')
  return undoing
}
