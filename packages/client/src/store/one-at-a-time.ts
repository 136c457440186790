/**
 * Returns a function that never runs `work` twice at a time. Each call resolves after a run that began after the call;
 * calls that wait share one run.
 */
export function oneAtATime(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined
  let next: Promise<void> | undefined
  async function runNext(): Promise<void> {
    await running?.catch(() => {})
    next = undefined
    running = work()
    await running
  }
  return async () => {
    next ??= runNext()
    await next
  }
}
