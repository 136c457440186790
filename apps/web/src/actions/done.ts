import type { Task } from '@taskwire/client'

/** What the user has done, and how it is undone. */
export interface Done {
  /** For the user, such as `Completed “Buy milk”`. */
  text: string
  undo(): Promise<void>
}

export interface Reports {
  done(done: Done): void
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
  done({ text, undo: async () => await undo(await acting) })
  return await acting
}

/** Does something, and reports errors. */
export async function attempt({ problem, begin }: Reports, act: () => Promise<unknown>): Promise<void> {
  const end = begin()
  try {
    await act()
  } catch (error) {
    problem(error instanceof Error ? error.message : String(error))
  } finally {
    end()
  }
}

interface Each {
  /** For the user. */
  text: string
  act(task: Task): Promise<void>
  /** Undoes it for one task, in reverse order. */
  undo?(task: Task): Promise<void>
  /** Puts all tasks back to their places, after that. */
  putBack?(): Promise<void>
}

/** Does something to each task, in order. Errors are reported. */
export async function toEach(
  tasks: readonly Task[],
  reports: Reports,
  { text, act, undo, putBack }: Each,
): Promise<void> {
  if (tasks.length === 0) return
  const acts = {
    text,
    async act() {
      for (const task of tasks) await act(task)
    },
    async undo() {
      for (const task of tasks.toReversed()) await undo?.(task)
      await putBack?.()
    },
  }
  await attempt(reports, async () => await perform(reports, acts))
}

/** Names tasks as the subject of a sentence: `“Buy milk”`, or `3 tasks`. */
export const named = (tasks: readonly Task[]): string => {
  const [only] = tasks
  return only !== undefined && tasks.length === 1 ? `“${only.title}”` : `${tasks.length} tasks`
}
