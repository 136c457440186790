import { isTaskwireError } from '../../errors.ts'
import { backoffMs } from '../../waiting.ts'
import { createReporter, type Part, PAUSED, type Progress, stateAfter, troubleOf } from '../progress.ts'
import type { SyncContext } from './context.ts'
import { followSpace } from './follow-space.ts'
import { sendEdits } from './send-edits.ts'
import { createWake, type Wake } from './wake.ts'

const RETRY_MS = { first: 1000, most: 60_000 }
/** Milliseconds after which a store that waits for the user to sign in tries again. */
const PAUSE_MS = 60_000

/** The loops of the tab that syncs. */
export interface Leader {
  /** Resolves once the store has closed. */
  ended: Promise<unknown>
  /** There are edits to send. */
  onEdits(): void
  /** Tries again at once what has failed. */
  resume(): void
  /** Connects again, and reads the mirror if there is none. */
  restart(): void
}

/** Follows the space and sends the edits until the store closes. */
export function lead(ctx: SyncContext, onProgress: (progress: Progress) => void): Leader {
  const feedWake = createWake()
  const queueWake = createWake()
  const { mirrorIs, queueIs } = createReporter(ctx.view.meta.after === null ? 'loading' : 'catchingUp', onProgress)
  let connection = new AbortController()
  let isOffline = false

  const feed = keepTrying(ctx.signal, feedWake, mirrorIs, async (succeeded) => {
    connection = new AbortController()
    await followSpace(ctx, AbortSignal.any([ctx.signal, connection.signal]), (status) => {
      isOffline = status.state === 'offline'
      if (status.state === 'live') {
        succeeded()
        // Edits wait for the first mirror.
        queueWake.wake()
      }
      const failing = status.state === 'offline' ? { code: status.cause.appCode, message: status.cause.message } : null
      mirrorIs({ state: status.state, failing })
    })
  })
  const queue = keepTrying(ctx.signal, queueWake, queueIs, async (succeeded) => {
    const goesOn = (): void => queueIs({ state: 'live', failing: null })
    await sendEdits(ctx, () => {
      succeeded()
      goesOn()
    })
    goesOn()
    await queueWake.wait(ctx.signal)
  })

  function restart(): void {
    connection.abort()
    feedWake.wake()
    queueWake.wake()
  }
  return {
    ended: Promise.all([feed, queue]),
    onEdits: queueWake.wake,
    resume() {
      // A feed that is offline waits for its own next attempt.
      if (isOffline) return restart()
      feedWake.wake()
      queueWake.wake()
    },
    restart,
  }
}

/** Calls `attempt` again whenever it ends, after an error with back-off, until the signal aborts. */
async function keepTrying(
  signal: AbortSignal,
  wake: Wake,
  report: (part: Part) => void,
  attempt: (succeeded: () => void) => Promise<void>,
): Promise<void> {
  let failures = 0
  while (!signal.aborted) {
    try {
      await attempt(() => (failures = 0))
    } catch (error) {
      if (signal.aborted) return
      const state = stateAfter(error)
      report({ state, failing: troubleOf(error) })
      const asked = isTaskwireError(error) ? (error.retryAfterMs ?? 0) : 0
      const delay = PAUSED.includes(state) ? PAUSE_MS : Math.max(asked, backoffMs(failures++, RETRY_MS))
      await wake.wait(signal, delay).catch(() => {})
    }
  }
}
