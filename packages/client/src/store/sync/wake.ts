import { after, type Signal, unlessAborted } from '../../waiting.ts'

/** Lets a loop wait until it is woken. A wake-up before the wait is not lost. */
export interface Wake {
  wake(): void
  /** Resolves when woken, or after `milliseconds` (by default, it waits on); rejects if the signal aborts. */
  wait(signal: Signal, milliseconds?: number): Promise<void>
}

export function createWake(): Wake {
  let isAwake = false
  let resume = (): void => {}
  return {
    wake() {
      isAwake = true
      resume()
    },
    async wait(signal, milliseconds = Infinity) {
      if (!isAwake)
        await unlessAborted<void>(signal, (resolve) => {
          resume = resolve
          return after(milliseconds, resolve)
        })
      isAwake = false
      resume = () => {}
    },
  }
}
