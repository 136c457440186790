import type { Task } from '@taskwire/client'
import { useSyncExternalStore } from 'react'
import { useToday } from '../views/today.ts'
import { isLate } from './words.ts'

/** Milliseconds after which the time is looked at again. */
const EVERY = 15_000

function subscribe(onChange: () => void): () => void {
  const timer = setInterval(onChange, EVERY)
  return () => clearInterval(timer)
}

/** Whether a task is late, also when its time passes while it is shown. */
export function useIsLate(task: Task): boolean {
  const today = useToday()
  return useSyncExternalStore(subscribe, () => isLate(task, today))
}
