import type { Task } from '@taskwire/client'

/** What the user has done, and how it is undone. */
export interface Done {
  /** For the user, such as `Completed “Buy milk”`. */
  text: string
  /** What it is that is undone, if `text` says something else. */
  what?: string
  undo(): Promise<void>
}

/** Puts another entry in the place of what was reported, or undefined: none. Does nothing once that was undone. */
type Replace = (done: Done | undefined) => void

export interface Reports {
  done(done: Done): Replace
  /** Something was not done, for this reason. */
  problem(message: string): void
  /** Something begins to be stored. Returns a function to call when it is. */
  begin(): () => void
}

interface Act<T> {
  /** For the user. */
  text: string
  act(): Promise<T>
  undo(result: T): Promise<void>
}

/** Does something that can be undone. It is reported at once: if the user undoes it before it is stored, that waits. */
export async function perform<T>({ done, begin }: Reports, { text, act, undo }: Act<T>): Promise<T> {
  const end = begin()
  const acting = act().finally(end)
  const replace = done({ text, undo: async () => await undo(await acting) })
  try {
    return await acting
  } catch (error) {
    replace(undefined)
    throw error
  }
}

/** Does something, and reports errors. Returns undefined after one. */
export async function attempt<T>({ problem, begin }: Reports, act: () => Promise<T>): Promise<T | undefined> {
  const end = begin()
  try {
    return await act()
  } catch (error) {
    problem(messageOf(error))
    return undefined
  } finally {
    end()
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

interface Each {
  /** Says for the user what was done to these tasks. */
  text(done: readonly Task[]): string
  act(task: Task): Promise<void>
  /** Undoes it for one task, in reverse order. */
  undo?(task: Task): Promise<void>
  /** Puts tasks back to their places, after that. */
  putBack?(done: readonly Task[]): Promise<void>
}

/** Does something to each task, in order, until an error, which is reported. Returns whether all was done. */
export async function toEach(
  tasks: readonly Task[],
  reports: Reports,
  { text, act, undo, putBack }: Each,
): Promise<boolean> {
  if (tasks.length === 0) return true
  const changed: Task[] = []
  async function actOnAll(): Promise<void> {
    for (const task of tasks) {
      await act(task)
      changed.push(task)
    }
  }
  const isDone = await attempt(reports, async () => {
    const acting = actOnAll()
    const doneTo = (some: readonly Task[]): Done => ({
      text: text(some),
      async undo() {
        // What was changed before an error is undone too.
        await Promise.allSettled([acting])
        for (const task of changed.toReversed()) await undo?.(task)
        if (changed.length > 0) await putBack?.(changed)
      },
    })
    const replace = reports.done(doneTo(tasks))
    try {
      await acting
    } catch (error) {
      replace(changed.length === 0 ? undefined : doneTo(changed))
      if (tasks.length === 1) throw error
      const counts = `${changed.length} of ${tasks.length} tasks were changed.`
      throw new Error(`${counts} ${messageOf(error)}`, { cause: error })
    }
    return true
  })
  return isDone === true
}

/** Names tasks as the subject of a sentence: `“Buy milk”`, or `3 tasks`. */
export const named = (tasks: readonly Task[]): string => {
  const [only] = tasks
  return only !== undefined && tasks.length === 1 ? quoted(only.title) : `${tasks.length} tasks`
}

/** Quotes a text inside a sentence, from which it is isolated: it may be written from right to left. */
export const quoted = (text: string): string => `“\u2068${text}\u2069”`
