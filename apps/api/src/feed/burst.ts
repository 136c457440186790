import { setTimeout as pause } from 'node:timers/promises'

/** Gathers what comes close together. */
export interface Burst {
  add(ids: Iterable<string>): void
}

export interface BurstOptions {
  /** Milliseconds from when one has been dealt with to the next. */
  everyMs: number
  /** Ids of one at most. */
  most: number
  /** Never rejects. */
  deal(ids: string[]): Promise<void> | void
}

/** Deals with the first at once, and then with all that have come meanwhile together; never with two at a time. */
export function createBurst({ everyMs, most, deal }: BurstOptions): Burst {
  let waiting = new Set<string>()
  let busy = false

  async function run(): Promise<void> {
    busy = true
    while (waiting.size > 0) {
      const all = [...waiting]
      waiting = new Set(all.slice(most))
      await deal(all.slice(0, most))
      await pause(everyMs)
    }
    busy = false
  }

  return {
    add(ids) {
      for (const id of ids) waiting.add(id)
      if (!busy && waiting.size > 0) void run()
    },
  }
}
