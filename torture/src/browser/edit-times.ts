import type { Tab } from './tab.ts'

/** Milliseconds that each edit took. */
export interface EditTimes {
  /** From the call until the edit was on the disk and shown. */
  whole: number[]
  /** Of that, while a transaction wrote to the database, and while one read what was written. */
  writing: number[]
  reading: number[]
}

/** Shows a long list, three counts and the tags, and edits one task after the other. */
export async function measureEdits(tab: Tab, edits: number, untilSent: boolean): Promise<EditTimes> {
  await tab.page.evaluate(TIME_TRANSACTIONS)
  return await tab.run(
    async ({ tasks, sync }, count, waits) => {
      const shown = [
        tasks.query({ complete: false }, { by: 'title', direction: 'asc' }),
        tasks.count(),
        tasks.count({ priority: ['high', 'urgent'] }),
        tasks.count({ due: 'overdue' }),
        tasks.tags(),
      ]
      const stops = shown.map((live) => live.subscribe(() => {}))
      const all = tasks.query().get()
      const times: EditTimes = { whole: [], writing: [], reading: [] }
      const { transactions } = globalThis as unknown as { transactions: Record<IDBTransactionMode, number> }
      for (let nr = 0; nr < count; nr++) {
        const task = all[(nr * 7919) % all.length]
        const before = { ...transactions }
        const began = performance.now()
        // One edit in three also changes a count.
        await tasks.update(task?.id ?? '', { title: `edited ${nr}`, ...(nr % 3 === 0 && { priority: 'high' }) })
        times.whole.push(performance.now() - began)
        times.writing.push(transactions.readwrite - before.readwrite)
        times.reading.push(transactions.readonly - before.readonly)
        if (waits)
          await new Promise<void>((resolve) => {
            const stop = sync.subscribe(() => sync.get().pending.length === 0 && resolve())
            stops.push(stop)
          })
      }
      for (const stop of stops) stop()
      return times
    },
    edits,
    untilSent,
  )
}

/** Adds up how long transactions take, by mode. */
const TIME_TRANSACTIONS = `(() => {
  if (globalThis.transactions !== undefined) return
  globalThis.transactions = { readwrite: 0, readonly: 0 }
  const { transaction } = IDBDatabase.prototype
  IDBDatabase.prototype.transaction = function (...args) {
    const began = performance.now()
    const started = transaction.apply(this, args)
    started.addEventListener('complete', () => (transactions[started.mode] += performance.now() - began))
    return started
  }
})()`

/** The middle and the largest of some numbers, rounded. */
export function medianAndWorst(numbers: readonly number[]): { median: number; worst: number } {
  const sorted = numbers.toSorted((a, b) => a - b)
  const round = (ms = 0): number => Math.round(ms * 10) / 10
  return { median: round(sorted[Math.floor(sorted.length / 2)]), worst: round(sorted.at(-1)) }
}
