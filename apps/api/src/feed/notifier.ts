import { randomBytes } from 'node:crypto'
import { createBurst } from './burst.ts'

/** Tells the other processes whose log has grown; nothing more than whose, since any login may listen. */
export interface Notifier {
  /** After the commit: NOTIFY within a transaction holds a lock of the whole server until that is durable. */
  tell(spaceId: string): void
  /** The spaces that another process names; none where it is this process's own. */
  read(payload: string): string[]
}

export interface NotifierOptions {
  /** Rejects where it cannot be sent. */
  notify(payload: string): Promise<void>
  /** One NOTIFY at most in so many milliseconds. */
  everyMs: number
  onSent(outcome: 'ok' | 'failed'): void
}

/** A payload has less than 8000 bytes. */
const MOST = 200
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

export function createNotifier({ notify, everyMs, onSent }: NotifierOptions): Notifier {
  const own = randomBytes(6).toString('base64url')
  const burst = createBurst({
    everyMs,
    most: MOST,
    async deal(spaceIds) {
      try {
        await notify([own, ...spaceIds].join(' '))
        onSent('ok')
      } catch {
        // The poll of the other processes finds it.
        onSent('failed')
      }
    },
  })
  return {
    tell: (spaceId) => burst.add([spaceId]),
    read(payload) {
      const [sender, ...spaceIds] = payload.split(' ')
      // Whoever is on the database may send one: it can do no more than wake.
      return sender === own ? [] : spaceIds.filter((id) => UUID.test(id))
    },
  }
}
