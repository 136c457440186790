import type { Caller } from '@taskwire/db'
import { AppError } from './errors.ts'

/** Lets one write of a user's run at a time in this process, so that one user cannot take the pool. */
export interface Writers {
  inTurn<T>(caller: Caller, write: () => Promise<T>): Promise<T>
  /** Remembers whose a credential is. It only decides who waits for whom: it authorises nothing. */
  learn(caller: Caller, userId: string): void
  userOf(caller: Caller): string | undefined
}

const MAX_WAITING = 50
const MAX_KNOWN = 50_000

export function createWriters(): Writers {
  const queues = new Map<string, { waiting: number; tail: Promise<unknown> }>()
  const users = new Map<string, string>()
  const credentialOf = (caller: Caller): string =>
    `${Buffer.from(caller.credential).toString('base64')}${caller.actingAs ?? ''}`

  return {
    learn(caller, userId) {
      const key = credentialOf(caller)
      if (users.has(key)) return
      if (users.size >= MAX_KNOWN) users.clear()
      users.set(key, userId)
    },
    userOf: (caller) => users.get(credentialOf(caller)),
    async inTurn(caller, write) {
      const key = users.get(credentialOf(caller)) ?? credentialOf(caller)
      const queue = queues.get(key) ?? { waiting: 0, tail: Promise.resolve() }
      if (queue.waiting >= MAX_WAITING)
        throw new AppError('OVERLOADED', 'Too many changes of this user wait already; send them one after the other.', {
          retryAfterMs: 1000,
        })
      queue.waiting++
      queues.set(key, queue)
      const turn = queue.tail.then(write)
      queue.tail = turn.catch(() => {})
      try {
        return await turn
      } finally {
        if (--queue.waiting === 0) queues.delete(key)
      }
    },
  }
}
