/** Limits how much work runs at a time. The rest waits, in order of arrival. */
export type ConcurrencyLimit = <T>(work: () => Promise<T>) => Promise<T>

export interface ConcurrencyLimitOptions {
  atOnce: number
  /** With this many waiting, `refusal` is thrown. Unlimited by default. */
  mostWaiting?: number
  refusal?(): Error
}

export function createConcurrencyLimit({
  atOnce,
  mostWaiting = Infinity,
  refusal,
}: ConcurrencyLimitOptions): ConcurrencyLimit {
  const waiting: (() => void)[] = []
  let running = 0
  return async (work) => {
    if (running < atOnce) running++
    else if (refusal !== undefined && waiting.length >= mostWaiting) throw refusal()
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      return await work()
    } finally {
      // Starts the next directly, so that no new work gets ahead of what waits.
      const next = waiting.shift()
      if (next !== undefined) next()
      else running--
    }
  }
}
