import type { Client } from '@taskwire/client'
import { attempt, newTally, settle, type Tally } from './calls.ts'
import { createLedger, type Entry, type Ledger } from './ledger.ts'
import type { Random } from './random.ts'
import type { User } from './server.ts'

export interface Writers {
  tally: Tally
  ledger: Ledger
  /** Stops the writers at once, in the midst of their calls. */
  abandon(): Promise<void>
  /** Tells every writer to finish; resolves when each knows what became of all that it sent. */
  stop(): Promise<void>
}

export interface WritersOptions {
  users: readonly User[]
  callers: number
  random: Random
  clientFor(user: User, caller: number): Client
  /**
   * Half of the callers forget what their retries owe: they retry under a new mutation id what they had
   * the answer of, and half take for written what they have only sent.
   */
  saboteur: boolean
  /** Awaited before each call: they stand still until it resolves. */
  hold?: () => Promise<void>
}

/** Callers that create and rename tasks until they are told to stop, each one call at a time. */
export function startWriters({ users, callers, random, clientFor, saboteur, hold }: WritersOptions): Writers {
  const tally = newTally()
  const ledger = createLedger()
  const stopping = new AbortController()
  const abandoning = new AbortController()
  const { signal } = abandoning

  async function write(nr: number): Promise<void> {
    const chance = random.fork(nr)
    const user = users[nr % users.length]
    if (user === undefined) throw new Error('There are no users')
    const client = clientFor(user, nr)
    const [forgetful, hasty] = [saboteur && nr % 2 === 0, saboteur && nr % 2 === 1]
    let own: string | undefined
    for (let call = 0; !stopping.signal.aborted; call++) {
      await hold?.()
      const entry: Entry = ledger.enter(user.id, `call ${call} of caller ${nr}`)
      const { title } = entry
      const id = own !== undefined && chance.next() < 0.3 ? own : undefined
      const send =
        (mutationId: string): (() => Promise<{ id: string }>) =>
        async () =>
          id === undefined
            ? await client.tasks.create.mutate({ title, mutationId }, { signal })
            : await client.tasks.update.mutate({ id, changes: { title }, mutationId }, { signal })
      const mutationId = chance.uuid()
      if (hasty) {
        ledger.acknowledge(entry)
        const outcome = await attempt(tally, send(mutationId))
        own = outcome.kind === 'ok' ? outcome.value.id : undefined
        continue
      }
      const outcome = await settle(tally, send(mutationId))
      if (forgetful && call % 20 === 0) await settle(tally, send(chance.uuid()))
      if (outcome.kind === 'ok') {
        own = outcome.value.id
        ledger.acknowledge(entry)
      } else entry.state = 'refused'
    }
  }

  const done = Promise.all(Array.from({ length: callers }, async (_, nr) => await write(nr)))
  // Whoever stops them gets the rejection.
  done.catch(() => {})
  return {
    tally,
    ledger,
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

/** What a tally and an audit look like in a report. */
export function tallyFigures({ ok, failed, unknown, resolved }: Tally): Record<string, number> {
  return { 'calls ok': ok, 'calls failed': failed, 'calls unknown': unknown, 'unknown resolved': resolved }
}
