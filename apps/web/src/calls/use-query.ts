import { useSync } from '@taskwire/client/react'
import { useCallback, useEffect, useState } from 'react'
import { failureWords } from './failure-words.ts'

/** What a page reads from the service. `value` is the last that was read; `problem` says why the last attempt failed. */
export interface Query<T> {
  value: T | undefined
  problem: string | undefined
  reload(): void
}

/** Reads from the service, and reads again when it can be reached again. `read` has to stay the same function. */
export function useQuery<T>(read: () => Promise<T>): Query<T> {
  const [result, setResult] = useState<{ value?: T; problem?: string }>({})
  const [attempt, setAttempt] = useState(0)
  const isLive = useSync().state === 'live'
  useEffect(() => {
    let isOver = false
    read().then(
      (value) => isOver || setResult({ value }),
      (error: unknown) => isOver || setResult((old) => ({ ...old, problem: failureWords(error) })),
    )
    return () => {
      isOver = true
    }
  }, [read, attempt, isLive])
  const reload = useCallback(() => setAttempt((count) => count + 1), [])
  return { value: result.value, problem: result.problem, reload }
}
