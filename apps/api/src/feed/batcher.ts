import { setTimeout as pause } from 'node:timers/promises'

/** Collects ids, and handles those that are added within a short time together. */
export interface Batcher {
  add(ids: Iterable<string>): void
}

export interface BatcherOptions {
  /** Milliseconds from the end of a batch to the start of the next. */
  everyMs: number
  /** Most ids in one batch. */
  most: number
  /** Must not reject. */
  handle(ids: string[]): Promise<void> | void
}

/** Handles the first ids at once, and then, batch by batch, all that were added meanwhile. Only one batch runs at a time. */
export function createBatcher({ everyMs, most, handle }: BatcherOptions): Batcher {
  let waiting = new Set<string>()
  let isRunning = false

  async function run(): Promise<void> {
    isRunning = true
    while (waiting.size > 0) {
      const ids = [...waiting]
      waiting = new Set(ids.slice(most))
      await handle(ids.slice(0, most))
      await pause(everyMs)
    }
    isRunning = false
  }

  return {
    add(ids) {
      for (const id of ids) waiting.add(id)
      if (!isRunning && waiting.size > 0) void run()
    },
  }
}
