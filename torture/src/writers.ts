import type { Client } from '@taskwire/client'
import { attempt, newTally, settle, type Tally } from './calls.ts'
import { createSentWrites, type SentWrite, type SentWrites } from './sent-writes.ts'
import type { Random } from './random.ts'
import type { User } from './server.ts'

export interface Writers {
  tally: Tally
  sentWrites: SentWrites
  /** Stops the writers at once and aborts their calls. */
  abandon(): Promise<void>
  /** Resolves when every writer has finished and knows the outcome of all its calls. */
  stop(): Promise<void>
}

export interface WritersOptions {
  users: readonly User[]
  callers: number
  random: Random
  clientFor(user: User, caller: number): Client
  /**
   * The negative control. Half of the callers repeat acknowledged calls with a new mutation id; the other half count
   * a write as acknowledged when they send it.
   */
  hasBrokenCallers: boolean
  /** Awaited before each call: writers pause until it resolves. */
  beforeCall?: () => Promise<void>
}

/** Starts callers that create and rename tasks, each one call at a time, until stopped. */
export function startWriters({
  users,
  callers,
  random,
  clientFor,
  hasBrokenCallers,
  beforeCall,
}: WritersOptions): Writers {
  const tally = newTally()
  const sentWrites = createSentWrites()
  const stopping = new AbortController()
  const abandoning = new AbortController()
  const { signal } = abandoning

  async function write(nr: number): Promise<void> {
    const chance = random.fork(nr)
    const user = users[nr % users.length]
    if (user === undefined) throw new Error('There are no users')
    const client = clientFor(user, nr)
    const repeatsWithNewId = hasBrokenCallers && nr % 2 === 0
    const acknowledgesEarly = hasBrokenCallers && nr % 2 === 1
    let own: string | undefined
    for (let call = 0; !stopping.signal.aborted; call++) {
      await beforeCall?.()
      const entry: SentWrite = sentWrites.add(user.id, `call ${call} of caller ${nr}`)
      const { title } = entry
      const id = own !== undefined && chance.next() < 0.3 ? own : undefined
      const send =
        (mutationId: string): (() => Promise<{ id: string }>) =>
        async () =>
          id === undefined
            ? await client.tasks.create.mutate({ title, mutationId }, { signal })
            : await client.tasks.update.mutate({ id, changes: { title }, mutationId }, { signal })
      const mutationId = chance.uuid()
      if (acknowledgesEarly) {
        sentWrites.acknowledge(entry)
        const outcome = await attempt(tally, send(mutationId))
        own = outcome.kind === 'ok' ? outcome.value.id : undefined
        continue
      }
      const outcome = await settle(tally, send(mutationId))
      if (repeatsWithNewId && call % 20 === 0) await settle(tally, send(chance.uuid()))
      if (outcome.kind === 'ok') {
        own = outcome.value.id
        sentWrites.acknowledge(entry)
      } else entry.state = 'refused'
    }
  }

  const done = Promise.all(Array.from({ length: callers }, async (_, nr) => await write(nr)))
  // abandon() and stop() reject with the same error.
  done.catch(() => {})
  return {
    tally,
    sentWrites,
    async abandon() {
      stopping.abort()
      abandoning.abort()
      await done
    },
    async stop() {
      stopping.abort()
      await done
    },
  }
}

/** Returns the metrics of a tally, as they are named in a report. */
export function tallyMetrics({ ok, failed, unknown, resolved }: Tally): Record<string, number> {
  return { 'calls ok': ok, 'calls failed': failed, 'calls unknown': unknown, 'unknown resolved': resolved }
}
