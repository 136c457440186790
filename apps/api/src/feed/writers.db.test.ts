import { randomUUID } from 'node:crypto'
import { type Client, createClient } from '@taskwire/client'
import { createClient as connectSql } from '@taskwire/db'
import { createTestDatabase } from '@taskwire/db/testing'
import { afterAll, expect, test } from 'vitest'
import { changesAfter, newCaller } from '../testing/caller.ts'
import { startTestService } from '../testing/service.ts'
import { startFollower } from '../testing/follower.ts'
import { startTcpProxy, type TcpProxy } from '../testing/tcp-proxy.ts'

// TASKWIRE_SEED repeats the random choices of a run; TASKWIRE_RUNS makes a run longer.
const SEED = Number(process.env['TASKWIRE_SEED'])
const EDITS = Number(process.env['TASKWIRE_RUNS'] ?? 25)
const WRITERS = 16
const SUBSCRIBERS = 8

const database = await createTestDatabase()
const times = { heartbeatMs: 50, pollMs: 200 }
const services = [
  await startTestService({ database, feedTimes: times }),
  await startTestService({ database, feedTimes: times }),
] as const
afterAll(async () => {
  for (const service of services) await service[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
})

/** Returns a generator of random numbers from a seed. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

async function write(client: Client, random: () => number): Promise<void> {
  let task = await client.tasks.create.mutate({ title: 'new' })
  for (let n = 1; n < EDITS; n++) {
    const drawn = random()
    if (drawn < 0.3) task = await client.tasks.create.mutate({ title: `${n}` })
    else if (drawn < 0.4)
      await client.tasks.createMany.mutate({ tasks: [{ title: 'a' }, { title: 'b' }, { title: 'c' }] })
    else if (drawn < 0.5)
      await client.tasks.delete
        .mutate({ id: task.id })
        .then((deleted) => client.tasks.restore.mutate({ id: deleted.id }))
    else await client.tasks.update.mutate({ id: task.id, changes: { title: `${n}`, complete: drawn < 0.7 } })
  }
}

/** Commits and rolls back without the service, holding the space's lock for a while each time. Wakes no stream. */
async function writeSlowly(userId: string, random: () => number): Promise<void> {
  const sql = connectSql({ address: database.admin, applicationName: 'slow writer' })
  try {
    for (let n = 0; n < EDITS; n++) {
      const kept = random() < 0.7
      await sql
        .begin(async (transaction) => {
          const [row] = await transaction<{ revision: string }[]>`
            update tw.spaces set revision = revision + 1 where id = ${userId} returning revision`
          await transaction`
            insert into tw.changes (space_id, revision, commit, at, actor_kind, action, entity, entity_id, after)
            values (${userId}, ${row?.revision ?? ''}, ${row?.revision ?? ''}, clock_timestamp(), 'system', 'create', 'task', ${randomUUID()}, '{}')`
          await transaction`select pg_sleep(${random() / 20})`
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

/** Follows, stops at random revisions and starts again by another service; returns all Changes received. */
async function subscribe(
  proxies: readonly TcpProxy[],
  token: string,
  random: () => number,
  done: Promise<number>,
): Promise<object[]> {
  const changes: object[] = []
  for (let n = 0, after = 0; ; n++) {
    const proxy = proxies[n % proxies.length]
    const client = createClient({ url: proxy?.url ?? '', token, retry: { delayMs: 10 } })
    await using follower = startFollower(client, { after })
    const head = await Promise.race([
      follower.reached(after + 1 + Math.trunc(random() * 60)).then(() => undefined),
      done.then(async (last) => {
        // If the follower has every Change already, it will not reach another.
        if (after < last) await follower.reached(last)
        return last
      }),
    ])
    if (random() < 0.3) proxy?.reset()
    after = (await follower.stop()) ?? 0
    changes.push(...follower.changes)
    if (after === head) return changes
  }
}

test(`subscribers that reconnect receive exactly what 16 writers commit, some of them slowly (seed ${SEED})`, async () => {
  const [first, second] = services
  const caller = await newCaller(first)
  // These clients retry: on a busy machine, some of 16 writers that wait for one space's lock are refused.
  const [here, there] = [
    createClient({ url: first.url, token: caller.user.token, retry: { attempts: 20 } }),
    createClient({ url: second.url, token: caller.user.token, retry: { attempts: 20 } }),
  ]
  const proxies = [await startTcpProxy(first.url), await startTcpProxy(second.url)]
  const { promise: done, resolve } = Promise.withResolvers<number>()
  const subscribers = Array.from(
    { length: SUBSCRIBERS },
    async (_, n) =>
      await subscribe(
        n % 2 === 0 ? proxies : proxies.toReversed(),
        caller.user.token,
        randomFrom(SEED + 100 + n),
        done,
      ),
  )
  await Promise.all(
    Array.from({ length: WRITERS }, async (_, n) => {
      if (n % 8 === 0) await writeSlowly(caller.user.id, randomFrom(SEED + n))
      else await write(n % 2 === 0 ? here : there, randomFrom(SEED + n))
    }),
  )
  const committed = await changesAfter(caller, 0)
  resolve(committed.length)
  expect(committed.map(({ revision }) => revision)).toEqual(committed.map((_, n) => n + 1))
  for (const received of await Promise.all(subscribers)) expect(received).toEqual(committed)
  for (const proxy of proxies) await proxy[Symbol.asyncDispose]()
})
