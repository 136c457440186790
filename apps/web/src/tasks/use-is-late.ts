import type { Task } from '@taskwire/client'
import { useSyncExternalStore } from 'react'
import { onTick } from '../views/clock.ts'
import { useToday } from '../views/today.ts'
import { isLate } from './words.ts'

/** Whether a task is late, also when its time passes while it is shown. */
export function useIsLate(task: Task): boolean {
  const today = useToday()
  return useSyncExternalStore(onTick, () => isLate(task, today))
}
