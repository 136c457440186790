import { useStore } from '@taskwire/client/react'
import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from 'react'
import { type Actions, createActions } from './actions.ts'
import type { Done } from './done.ts'

interface Undoing {
  /** Why the last action was not done. */
  problem: string | undefined
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
  const [problem, setProblem] = useState<string>()
  const actions = useMemo(
    () =>
      createActions(store, {
        done(done) {
          setHistory((earlier) => [...earlier.slice(1 - MOST), done])
          setProblem(undefined)
          setShown(true)
        },
        problem: setProblem,
      }),
    [store],
  )
  const dismiss = useCallback(() => setShown(false), [])
  const last = history.at(-1)
  const undoing = useMemo(
    () => ({
      last: isShown ? last : undefined,
      problem,
      async undo() {
        setHistory((all) => all.slice(0, -1))
        setShown(false)
        await last?.undo().catch((error: unknown) => setProblem(error instanceof Error ? error.message : String(error)))
      },
      dismiss,
    }),
    [last, isShown, problem, dismiss],
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
