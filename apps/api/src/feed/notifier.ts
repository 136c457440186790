import { randomBytes } from 'node:crypto'
import { UUID_SHAPE } from '../procedures/cursor.ts'
import { createBatcher } from './batcher.ts'

/** Notifies the other processes which spaces have changed, and of nothing else, since any login may listen. */
export interface Notifier {
  /** To be called after the commit: a NOTIFY within a transaction holds a lock of the whole server until it is durable. */
  notify(spaceId: string): void
  /** Returns the spaces that another process names; none if this process sent the payload. */
  parse(payload: string): string[]
}

export interface NotifierOptions {
  /** Sends a payload; rejects if it cannot. */
  notify(payload: string): Promise<void>
  /** Milliseconds between two NOTIFYs. */
  everyMs: number
  onSent(outcome: 'ok' | 'failed'): void
}

/** Spaces in one NOTIFY: its payload must be shorter than 8000 bytes. */
const MOST = 200

export function createNotifier({ notify, everyMs, onSent }: NotifierOptions): Notifier {
  const senderId = randomBytes(6).toString('base64url')
  const batcher = createBatcher({
    everyMs,
    most: MOST,
    async handle(spaceIds) {
      try {
        await notify([senderId, ...spaceIds].join(' '))
        onSent('ok')
      } catch {
        // The other processes find the change by their poll.
        onSent('failed')
      }
    },
  })
  return {
    notify: (spaceId) => batcher.add([spaceId]),
    parse(payload) {
      const [sender, ...spaceIds] = payload.split(' ')
      // Any login of the database may send a NOTIFY, but all that it can do is wake streams.
      return sender === senderId ? [] : spaceIds.filter((id) => UUID_SHAPE.test(id))
    },
  }
}
