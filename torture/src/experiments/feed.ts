// Writers and subscribers run while connections that LISTEN are cut, instances are killed, transactions stay open and
// subscribers reconnect. Then streams are aborted while they open.
// Fails if a subscriber received anything but the committed Changes in order, a log is broken, an aborted stream stays
// open, or (long form) the time from a write's response to its live Change is above 250 ms at p99.

import { setTimeout as pause } from 'node:timers/promises'
import type { Change, Client } from '@taskwire/client'
import { connectOnce } from '@taskwire/db'
import { newTally, settle } from '../calls.ts'
import { expectThat, type Options, type Result } from '../experiment.ts'
import { startFleet } from '../fleet.ts'
import { clientOf, patientClientOf } from '../instance.ts'
import { findBrokenLogs } from '../sent-writes.ts'
import { until } from '../processes.ts'
import { findLeakedStreams } from '../aborted-streams.ts'
import { createRandom, type Random } from '../random.ts'
import { canonical } from '../canonical.ts'
import { startServer, type User } from '../server.ts'
import { tallyMetrics } from '../writers.ts'

export const promise =
  'The feed is complete: it delivers every committed Change once and in order, despite any failure.'
export const negativeControl = 'subscribers resume one revision too late'

const SIZES = {
  short: {
    users: 4,
    subscribers: 12,
    edits: 15,
    holdMs: 300,
    cuts: 2,
    kills: 1,
    abortedStreams: 200,
    maxDelayMs: Infinity,
  },
  long: {
    users: 4,
    subscribers: 50,
    edits: 400,
    holdMs: 30_000,
    cuts: 20,
    kills: 5,
    abortedStreams: 2000,
    maxDelayMs: 250,
  },
}
const WRITERS = 16
/** Writers that keep transactions open, directly in the database. */
const HOLDERS = 2

/** A reader of a user's feed, over several connections. */
interface Subscriber {
  user: User
  received: Change[]
  connections: number
}

export async function run({ seed, size, isNegativeControl = false, print }: Options): Promise<Result> {
  const { users: count, edits, holdMs, cuts, kills, abortedStreams, maxDelayMs, ...sizes } = SIZES[size]
  const random = createRandom(seed)
  await using server = await startServer()
  await using fleet = await startFleet(server, { ownBalancer: true })
  const users = await server.addUsers(count, random)
  const tally = newTally()
  const violations: string[] = []
  const delays: number[] = []
  /** When the write was answered, by user and revision. */
  const acknowledgedAt = new Map<string, number>()
  const heads = new Map<string, number>()
  const ending = new AbortController()

  async function follow(subscriber: Subscriber, chance: Random): Promise<void> {
    const { user, received } = subscriber
    for (;;) {
      const last = received.at(-1)?.revision ?? 0
      const head = heads.get(user.id)
      if (head !== undefined && last >= head) return
      subscriber.connections++
      const stop = new AbortController()
      let isLive = false
      // The subscriber disconnects at random, and when it has received everything.
      let left = 1 + chance.below(60)
      await clientOf(fleet.balancer.url, user).changes.follow({
        after: isNegativeControl && subscriber.connections > 1 ? last + 1 : last,
        signal: AbortSignal.any([stop.signal, ending.signal]),
        onStatus: ({ state }) => void (isLive = state === 'live'),
        onChange(change) {
          received.push(change)
          const since = acknowledgedAt.get(`${user.id} ${change.revision}`)
          if (isLive && since !== undefined) delays.push(performance.now() - since)
          if (--left === 0 || change.revision === heads.get(user.id)) stop.abort()
        },
      })
      if (ending.signal.aborted) return
    }
  }

  async function write(user: User, chance: Random): Promise<void> {
    const client = clientOf(fleet.balancer.url, user)
    let id: string | undefined
    for (let edit = 0; edit < edits; edit++) {
      const title = `edit ${edit} ${chance.below(1e9)}`
      const mutationId = chance.uuid()
      const call = callOf(client, { id, title, mutationId, isNew: chance.next() < 0.3 })
      const outcome = await settle(tally, call)
      if (outcome.kind === 'failed') throw new Error(`A write failed: ${outcome.failure.message}`)
      id = outcome.value.id
      acknowledgedAt.set(`${user.id} ${outcome.value.revision}`, performance.now())
    }
  }

  /** Opens transactions that lock the user's space, holds them, and sends no NOTIFY; commits most, rolls back some. */
  async function holdTransactions({ id }: User, chance: Random): Promise<void> {
    const address = server.address('postgres')
    await using connection = await connectOnce({ address, applicationName: 'holder' })
    for (let nr = 0; nr < Math.max(3, edits / 40); nr++) {
      await connection.sql.unsafe(`begin;
        with head as (update tw.spaces set revision = revision + 1 where id = '${id}' returning revision)
        insert into tw.changes (space_id, revision, commit, at, actor_kind, action, entity, entity_id, after)
        select '${id}', revision, revision, clock_timestamp(), 'system', 'create', 'task', '${chance.uuid()}', '{}' from head`)
      await pause(chance.next() * holdMs)
      await connection.sql.unsafe(chance.next() < 0.7 ? 'commit' : 'rollback')
    }
  }

  const subscribers = Array.from({ length: sizes.subscribers }, (_, nr): Subscriber => {
    // Never undefined: every size has users.
    return { user: users[nr % count] as User, received: [], connections: 0 }
  })
  const following = Promise.all(subscribers.map(async (one, nr) => await follow(one, random.fork(`reader ${nr}`))))
  following.catch(() => {})
  const writing = Promise.all(
    Array.from({ length: WRITERS }, async (_, nr) => {
      const chance = random.fork(`writer ${nr}`)
      // The holders share one user, whom no writer uses: writers would time out waiting for the lock.
      if (nr < HOLDERS) await holdTransactions(users[0] as User, chance)
      else await write(users[1 + (nr % (count - 1))] as User, chance)
    }),
  )
  const total = edits * (WRITERS - HOLDERS)
  let listenersCut = 0
  async function injectFaults(): Promise<void> {
    for (let nr = 1; nr <= cuts; nr++) {
      while (acknowledgedAt.size < (nr * total) / (cuts + 1)) await pause(50, undefined, { signal: ending.signal })
      // The listener reconnects after each cut; a cut that finds none does not count.
      await until('a listener to be cut', async () => {
        const [ended] = await server.query<{ cut: number }>(
          `select count(pg_terminate_backend(pid))::int as cut from pg_stat_activity where application_name = 'taskwire-listen'`,
        )
        listenersCut += ended?.cut ?? 0
        return (ended?.cut ?? 0) > 0
      })
      if (nr % Math.ceil(cuts / kills) !== 0) continue
      const victim = random.pick(fleet.instances)
      await victim.kill()
      await victim.start()
      print(`${acknowledgedAt.size} of ${total} writes, ${delays.length} Changes received live`)
    }
  }
  try {
    await Promise.all([writing, injectFaults()])
    // A personal space has the id of its account.
    for (const row of await server.query<{ id: string; revision: number }>('select id, revision::int from tw.spaces'))
      heads.set(row.id, row.revision)
    // A subscriber only stops when it receives a Change. So each user gets one more, for the subscribers that already
    // have the rest.
    for (const [id, head] of heads) heads.set(id, head + 1)
    for (const user of users) {
      // Retries with the same mutation id, so exactly one Change is added.
      const last = { title: 'the last', mutationId: random.uuid() }
      await settle(tally, async () => await clientOf(fleet.balancer.url, user).tasks.create.mutate(last))
    }
    const timeout = setTimeout(() => ending.abort(), 120_000)
    await following
    clearTimeout(timeout)
  } finally {
    ending.abort()
    await following.catch(() => {})
  }

  let differing = 0
  for (const user of users) {
    const log = (await readLog(patientClientOf(fleet.balancer.url, user), heads.get(user.id) ?? 0)).map(canonical)
    for (const { received } of subscribers.filter((one) => one.user === user)) {
      const differs = received.length !== log.length || received.some((change, nr) => canonical(change) !== log[nr])
      if (!differs) continue
      differing++
      const index = received.findIndex((change, nr) => canonical(change) !== log[nr])
      // If only the end is missing, all that was received is equal.
      const at = index < 0 ? received.length : index
      violations.push(
        `a subscriber received ${received.length} of ${log.length} Changes; the first difference is at index ${at}`,
      )
    }
  }
  violations.push(...(await findBrokenLogs(server)))
  violations.push(...(await findLeakedStreams(fleet.instances, users, abortedStreams, random)))
  const sorted = delays.toSorted((a, b) => a - b)
  const p99 = Math.round(sorted[Math.floor(sorted.length * 0.99)] ?? 0)
  expectThat(violations, p99 <= maxDelayMs, `the delay of live Changes was ${p99} ms at p99, above ${maxDelayMs}`)
  return {
    metrics: {
      writers: WRITERS,
      subscribers: subscribers.length,
      connections: subscribers.reduce((sum, { connections }) => sum + connections, 0),
      'streams aborted while they opened': abortedStreams,
      'listeners cut': listenersCut,
      kills,
      ...tallyMetrics(tally),
      'Changes received': subscribers.reduce((sum, { received }) => sum + received.length, 0),
      'subscribers with a wrong log': differing,
      'delay p99, ms': p99,
    },
    violations,
  }
}

function callOf(
  client: Client,
  { id, title, mutationId, isNew }: { id: string | undefined; title: string; mutationId: string; isNew: boolean },
): () => Promise<{ id: string; revision: number }> {
  return async () =>
    id === undefined || isNew
      ? await client.tasks.create.mutate({ title, mutationId })
      : await client.tasks.update.mutate({ id, changes: { title }, mutationId })
}

async function readLog(client: Client, head: number): Promise<Change[]> {
  const log: Change[] = []
  while (log.length < head) log.push(...(await client.changes.list.query({ after: log.length, limit: 500 })).changes)
  return log
}
