import type { Task } from '@taskwire/client'
import { named } from './done.ts'
import { useAsk } from './ask.tsx'
import { useActions } from './provider.tsx'

/** Returns a function that erases tasks for good, if the user says so. */
export function useErase(): (tasks: readonly Task[]) => Promise<void> {
  const ask = useAsk()
  const actions = useActions()
  return async (tasks) => {
    if (tasks.length > 0 && (await ask({ title: `Erase ${named(tasks)} for good?`, yes: 'Erase' })))
      await actions.purge(tasks)
  }
}
