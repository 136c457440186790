import { randomBytes } from 'node:crypto'
import { UUID_SHAPE } from '../procedures/cursor.ts'
import { createBatcher } from './batcher.ts'

/** Tells the other processes which spaces have changed, and nothing else, since any database login can listen. */
export interface Notifier {
  /** Called after the commit: a transaction with a NOTIFY holds a server-wide lock until its commit is durable. */
  notify(spaceId: string): void
  /** Returns the spaces named in a payload from another process; none for this process's own. */
  parse(payload: string): string[]
}

export interface NotifierOptions {
  /** Sends a payload; rejects if it cannot. */
  send(payload: string): Promise<void>
  /** The least time between two NOTIFYs, in milliseconds. */
  everyMs: number
  onSent(outcome: 'ok' | 'failed'): void
}

/** The most spaces in one NOTIFY, whose payload must be shorter than 8000 bytes. */
const MOST_SPACES = 200

export function createNotifier({ send, everyMs, onSent }: NotifierOptions): Notifier {
  const senderId = randomBytes(6).toString('base64url')
  const batcher = createBatcher({
    everyMs,
    most: MOST_SPACES,
    async handle(spaceIds) {
      try {
        await send([senderId, ...spaceIds].join(' '))
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
      // Any database login can send a NOTIFY, but all that this does is wake streams.
      return sender === senderId ? [] : spaceIds.filter((id) => UUID_SHAPE.test(id))
    },
  }
}
