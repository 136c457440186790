import { connectOnce } from '@taskwire/db'
import { afterAll, expect, test } from 'vitest'
import { newCaller } from '../testing/caller.ts'
import { startTestService } from '../testing/service.ts'
import { send } from '../testing/wire.ts'

const service = await startTestService({ env: { DATABASE_POOL_MAX: '8' } })
afterAll(() => service[Symbol.asyncDispose]())

/** Waits until the gauges in `exact` have exactly these values, and the gauges in `least` have at least these. */
async function until(exact: Record<string, number>, least: Record<string, number> = {}): Promise<void> {
  for (;;) {
    const { text } = await send(service.url, { path: '/metrics' })
    const gauge = (name: string): number => Number(new RegExp(`^taskwire_${name} (\\S+)$`, 'm').exec(text)?.[1])
    const holds = Object.entries(exact).every(([name, value]) => gauge(name) === value)
    if (holds && Object.entries(least).every(([name, value]) => gauge(name) >= value)) return
  }
}
const idle = { pool_busy: 0, pool_waiting: 0, reads_waiting: 0, writes_waiting: 0, requests_in_progress: 0 }
const query = (token: string, signal: AbortSignal): Promise<unknown> =>
  fetch(`${service.url}/trpc/lists.list`, { headers: { authorization: `Bearer ${token}` }, signal })

test('running and waiting reads are cancelled when their callers disconnect', async () => {
  const { user, client } = await newCaller(service)
  await client.lists.list.query({})
  await using admin = await connectOnce({ address: service.database.admin, applicationName: 'taskwire-test' })
  await admin.sql.begin(async (sql) => {
    await sql`lock table tw.lists in access exclusive mode`
    const callers = new AbortController()
    const calls = Promise.allSettled(Array.from({ length: 20 }, async () => await query(user.token, callers.signal)))
    // Two reads of one user run at a time. On a slow machine, the first waiting ones time out before the last arrive.
    await until({ pool_busy: 2 }, { reads_waiting: 10 })
    callers.abort()
    // The table is still locked.
    await until(idle)
    const waiting = await sql`select from pg_stat_activity where usename = 'taskwire_app'
      and datname = current_database() and wait_event_type = 'Lock'`
    expect(waiting).toEqual([])
    await calls
  })
  await client.lists.list.query({})
})

test('a mutation completes even if its caller disconnects', async () => {
  const { user, client } = await newCaller(service)
  await client.lists.list.query({})
  await using admin = await connectOnce({ address: service.database.admin, applicationName: 'taskwire-test' })
  await admin.sql.begin(async (sql) => {
    await sql`select from tw.spaces where id = ${user.id} for update`
    const caller = new AbortController()
    const calls = Promise.allSettled(
      ['first', 'second'].map(async (title) => await client.tasks.create.mutate({ title }, { signal: caller.signal })),
    )
    await until({ pool_busy: 1, writes_waiting: 1 })
    caller.abort()
    for (const { status } of await calls) expect(status).toBe('rejected')
  })
  await until(idle)
  const { items } = await client.tasks.list.query({})
  expect(items.map(({ title }) => title).toSorted()).toEqual(['first', 'second'])
})
