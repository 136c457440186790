import { useStore } from '@taskwire/client/react'
import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from 'react'
import { type Actions, createActions } from './actions.ts'
import { attempt, type Done } from './done.ts'

interface Undoing {
  /** Something that the user has done is not stored yet. */
  isStoring: boolean
  /** Why the last action was not done. */
  problem: string | undefined
  /** What was done last; undefined after it was undone or dismissed. */
  last: Done | undefined
  /** What was undone last, until something else is done or it is dismissed. */
  undone: string | undefined
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
  const [undone, setUndone] = useState<string>()
  const [storing, setStoring] = useState(0)
  const reports = useMemo(
    () => ({
      done(done: Done) {
        setHistory((earlier) => [...earlier.slice(1 - MOST), done])
        setProblem(undefined)
        setUndone(undefined)
        setShown(true)
        return (instead: Done | undefined) => {
          setHistory((all) => all.flatMap((one) => (one === done ? (instead ?? []) : one)))
          // What was done before it is no news.
          if (instead === undefined) setShown(false)
        }
      },
      problem: setProblem,
      begin() {
        setStoring((count) => count + 1)
        return () => setStoring((count) => count - 1)
      },
    }),
    [],
  )
  const actions = useMemo(() => createActions(store, reports), [store, reports])
  const dismiss = useCallback(() => {
    setShown(false)
    setProblem(undefined)
    setUndone(undefined)
  }, [])
  const last = history.at(-1)
  const undoing = useMemo(
    () => ({
      isStoring: storing > 0,
      last: isShown ? last : undefined,
      problem,
      undone,
      async undo() {
        setHistory((all) => all.slice(0, -1))
        dismiss()
        await attempt(reports, async () => {
          await last?.undo()
          setUndone(last?.what ?? last?.text)
        })
      },
      dismiss,
    }),
    [last, isShown, problem, undone, dismiss, storing, reports],
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
