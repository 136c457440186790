import { useCallback, useState } from 'react'
import { failureWords } from './failure-words.ts'

/** A call that the user starts. It is `done` until it is started again. */
export interface Action {
  state: 'ready' | 'running' | 'done'
  problem: string | undefined
  /** Calls the service, and never rejects. Returns whether that succeeded. */
  run(call: () => Promise<unknown>): Promise<boolean>
}

export function useAction(): Action {
  const [{ state, problem }, set] = useState<Pick<Action, 'state' | 'problem'>>({ state: 'ready', problem: undefined })
  const run = useCallback(async (call: () => Promise<unknown>) => {
    set({ state: 'running', problem: undefined })
    try {
      await call()
      set({ state: 'done', problem: undefined })
      return true
    } catch (error) {
      set({ state: 'ready', problem: failureWords(error) })
      return false
    }
  }, [])
  return { state, problem, run }
}
