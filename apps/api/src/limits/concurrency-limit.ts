/** Lets so many run at a time, and the others wait in the order of coming. */
export type ConcurrencyLimit = <T>(work: () => Promise<T>) => Promise<T>

export interface ConcurrencyLimitOptions {
  atOnce: number
  /** Beyond so many that wait, `refusal` is thrown; as many as come unless told. */
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
      // The next one takes this one's place.
      const next = waiting.shift()
      if (next !== undefined) next()
      else running--
    }
  }
}
