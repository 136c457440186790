import { randomUUID } from 'node:crypto'
import { type Client, createClient } from '@taskwire/client'
import { createClient as connectSql } from '@taskwire/db'
import { createTestDatabase } from '@taskwire/db/testing'
import { afterAll, expect, test } from 'vitest'
import { changesAfter, newCaller } from '../testing/caller.ts'
import { startTestService } from '../testing/service.ts'
import { type Hop, startFollower, startHop } from '../testing/streams.ts'

// TASKWIRE_SEED plays a run again as far as its chances go, TASKWIRE_RUNS lengthens it.
const SEED = Number(process.env['TASKWIRE_SEED'])
const EDITS = Number(process.env['TASKWIRE_RUNS'] ?? 25)
const WRITERS = 16
const SUBSCRIBERS = 8

const database = await createTestDatabase()
const times = { heartbeatMs: 50, watchMs: 200 }
const services = [
  await startTestService({ database, feedTimes: times }),
  await startTestService({ database, feedTimes: times }),
] as const
afterAll(async () => {
  for (const service of services) await service[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
})

/** Chances that the seed repeats. */
function chances(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

async function write(client: Client, chance: () => number): Promise<void> {
  let task = await client.tasks.create.mutate({ title: 'new' })
  for (let n = 1; n < EDITS; n++) {
    const dice = chance()
    if (dice < 0.3) task = await client.tasks.create.mutate({ title: `${n}` })
    else if (dice < 0.4)
      await client.tasks.createMany.mutate({ tasks: [{ title: 'a' }, { title: 'b' }, { title: 'c' }] })
    else if (dice < 0.5)
      await client.tasks.delete.mutate({ id: task.id }).then((gone) => client.tasks.restore.mutate({ id: gone.id }))
    else await client.tasks.update.mutate({ id: task.id, changes: { title: `${n}`, complete: dice < 0.7 } })
  }
}

/** Commits and rolls back behind the service's back, each after holding the user's lock for a while: nobody is woken. */
async function writeSlowly(userId: string, chance: () => number): Promise<void> {
  const sql = connectSql({ address: database.admin, applicationName: 'slow writer' })
  try {
    for (let n = 0; n < EDITS; n++) {
      const kept = chance() < 0.7
      await sql
        .begin(async (transaction) => {
          const [row] = await transaction<{ revision: string }[]>`
            update tw.spaces set revision = revision + 1 where id = ${userId} returning revision`
          await transaction`
            insert into tw.changes (space_id, revision, commit, at, actor_kind, action, entity, entity_id, after)
            values (${userId}, ${row?.revision ?? ''}, ${row?.revision ?? ''}, clock_timestamp(), 'system', 'create', 'task', ${randomUUID()}, '{}')`
          await transaction`select pg_sleep(${chance() / 20})`
          if (!kept) throw new Error('rolled back')
        })
        .catch((error: Error) => {
          if (error.message !== 'rolled back') throw error
        })
    }
  } finally {
    await sql.end()
  }
}

/** Follows, and stops and starts again at chance positions, each time by another service; gives all that came. */
async function subscribe(
  hops: readonly Hop[],
  token: string,
  chance: () => number,
  done: Promise<number>,
): Promise<object[]> {
  const changes: object[] = []
  for (let n = 0, after = 0; ; n++) {
    const hop = hops[n % hops.length]
    const client = createClient({ url: hop?.url ?? '', token, retry: { delayMs: 10 } })
    await using follower = startFollower(client, { after })
    const head = await Promise.race([
      follower.reached(after + 1 + Math.trunc(chance() * 60)).then(() => undefined),
      done.then(async (last) => {
        // One that has all of it already has nothing more to come.
        if (after < last) await follower.reached(last)
        return last
      }),
    ])
    if (chance() < 0.3) hop?.reset()
    after = (await follower.stop()) ?? 0
    changes.push(...follower.changes)
    if (after === head) return changes
  }
}

test(`16 writers, some of whom hold their transactions, and subscribers that come and go: received is committed (seed ${SEED})`, async () => {
  const [first, second] = services
  const caller = await newCaller(first)
  // They try again: with 16 at one user's lock some are refused for a while where the machine is busy.
  const [here, there] = [
    createClient({ url: first.url, token: caller.user.token, retry: { tries: 20 } }),
    createClient({ url: second.url, token: caller.user.token, retry: { tries: 20 } }),
  ]
  const hops = [await startHop(first.url), await startHop(second.url)]
  const { promise: done, resolve } = Promise.withResolvers<number>()
  const subscribers = Array.from(
    { length: SUBSCRIBERS },
    async (_, n) =>
      await subscribe(n % 2 === 0 ? hops : hops.toReversed(), caller.user.token, chances(SEED + 100 + n), done),
  )
  await Promise.all(
    Array.from({ length: WRITERS }, async (_, n) => {
      if (n % 8 === 0) await writeSlowly(caller.user.id, chances(SEED + n))
      else await write(n % 2 === 0 ? here : there, chances(SEED + n))
    }),
  )
  const committed = await changesAfter(caller, 0)
  resolve(committed.length)
  expect(committed.map(({ revision }) => revision)).toEqual(committed.map((_, n) => n + 1))
  for (const received of await Promise.all(subscribers)) expect(received).toEqual(committed)
  for (const hop of hops) await hop[Symbol.asyncDispose]()
})
