import { connectOnce } from '@taskwire/db'
import { startProxy } from '@taskwire/db/testing'
import { afterAll, expect, test } from 'vitest'
import { QUICK, startTwoServices, waitForListener } from './testing/two-services.ts'
import { callerOf, newCaller } from '../testing/caller.ts'
import { startTestService } from '../testing/service.ts'
import { startFollower } from '../testing/follower.ts'
import { metric } from '../testing/metrics.ts'
import { openRawStream } from '../testing/streams.ts'

const services = await startTwoServices()
const { database, service, other } = services
afterAll(() => services[Symbol.asyncDispose]())
const upTo = (last: number): number[] => Array.from({ length: last }, (_, n) => n + 1)

test('commits of this process wake streams directly, and commits of another by NOTIFY, without a poll', async () => {
  await using receiver = await startTestService({ database, feedTimes: { pollMs: 3_600_000, heartbeatMs: 20 } })
  const caller = await newCaller(service)
  await using follower = startFollower(callerOf(receiver, caller.user).client, { after: 0 })
  await follower.is('live')
  for (let n = 1; n <= 20; n++) {
    await caller.client.tasks.create.mutate({ title: `${n}` })
    await follower.reached(n)
  }
  expect(follower.revisions).toEqual(upTo(20))
  const here = callerOf(receiver, caller.user).client
  for (let n = 21; n <= 25; n++) {
    await here.tasks.create.mutate({ title: `${n}` })
    await follower.reached(n)
  }
  expect(await metric(receiver.url, 'taskwire_stream_wakeups_total', 'by="here"')).toBeGreaterThan(0)
  expect(await metric(receiver.url, 'taskwire_stream_polls_total')).toBe(0)
  expect(await metric(receiver.url, 'taskwire_stream_wakeups_total', 'by="notify"')).toBeGreaterThan(0)
})

test('a NOTIFY contains nothing but opaque ids, and a forged one has no effect', async () => {
  const caller = await newCaller(service)
  await using follower = startFollower(callerOf(other, caller.user).client, { after: 0 })
  await follower.is('live')
  const payloads: string[] = []
  const { sql } = await connectOnce({ address: database.admin, applicationName: 'spy' })
  await sql.listen('taskwire_wake', (payload) => payloads.push(payload))
  await caller.client.tasks.create.mutate({ title: 'secret title' })
  await follower.reached(1)
  // The poll may have been faster than the NOTIFY.
  while (payloads.length === 0) await sql`select 1`
  // These payloads arrive after the first one, in the order of sending.
  await sql.notify('taskwire_wake', 'x not-a-uuid 1; drop table tw.tasks')
  await sql.notify('taskwire_wake', '')
  await sql.notify('taskwire_wake', `x ${caller.user.id}`)
  while (payloads.length < 4) await sql`select 1`
  expect(payloads[0]).toMatch(new RegExp(`^[\\w-]{8} ${caller.user.id}$`))
  await caller.client.tasks.create.mutate({ title: 'another' })
  await follower.reached(2)
  expect(follower.revisions).toEqual([1, 2])
  await sql.end()
})

test('without NOTIFY, the poll wakes the streams', async () => {
  // Nothing listens on that port.
  const env = { DATABASE_DIRECT_URL: database.url('taskwire_app').replace(/:\d+\//, ':1/') }
  await using receiver = await startTestService({ database, env, feedTimes: QUICK })
  const caller = await newCaller(service)
  await using follower = startFollower(callerOf(receiver, caller.user).client, { after: 0 })
  await follower.is('live')
  for (let n = 1; n <= 3; n++) {
    await caller.client.tasks.create.mutate({ title: `${n}` })
    await follower.reached(n)
  }
  expect(await metric(receiver.url, 'taskwire_stream_wakeups_total', 'by="notify"')).toBe(0)
  expect(await metric(receiver.url, 'taskwire_stream_wakeups_total', 'by="poll"')).toBeGreaterThan(0)
  expect(await metric(receiver.url, 'taskwire_listening')).toBe(0)
})

test('without NOTIFY and poll, no Change arrives (negative control of the tests above)', async () => {
  const env = { DATABASE_DIRECT_URL: database.url('taskwire_app').replace(/:\d+\//, ':1/') }
  await using receiver = await startTestService({ database, env, feedTimes: { pollMs: 3_600_000, heartbeatMs: 20 } })
  const { client, user } = await newCaller(service)
  using stream = await openRawStream(receiver.url, { authorization: `Bearer ${user.token}` }, { after: 0 })
  await stream.next('message')
  await stream.next('message')
  await client.tasks.create.mutate({ title: 'unseen' })
  for (let beats = 0; beats < 10; beats++)
    expect((await stream.next('message')).data).toEqual({ type: 'head', revision: 0 })
})

test('a listener that is killed reconnects, and every stream then reads what it missed', async () => {
  await using proxy = await startProxy(database.app)
  const env = { DATABASE_DIRECT_URL: database.url('taskwire_app').replace(/:\d+\//, `:${proxy.port}/`) }
  // The poll is off, so only the listener can wake the stream.
  await using lone = await startTestService({ database, env, feedTimes: { pollMs: 3_600_000, heartbeatMs: 20 } })
  const caller = await newCaller(service)
  await using follower = startFollower(callerOf(lone, caller.user).client, { after: 0 })
  await follower.is('live')
  for (let n = 1; n <= 5; n++) {
    // Keeps the listener from reconnecting before the commit. The other listeners, which send NOTIFYs, are killed too.
    proxy.blackHole()
    const killed = await service.admin(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where application_name = 'taskwire-listen' and datname = current_database()`,
    )
    expect(killed.length).toBeGreaterThan(0)
    await caller.client.tasks.create.mutate({ title: `${n}` })
    proxy.resume()
    await follower.reached(n)
  }
  expect(follower.revisions).toEqual(upTo(5))
  for (const one of [service, other]) await waitForListener(one)
})

test('a listener whose connection has gone silent is replaced', async () => {
  await using proxy = await startProxy(database.app)
  const env = { DATABASE_DIRECT_URL: database.url('taskwire_app').replace(/:\d+\//, `:${proxy.port}/`) }
  await using lone = await startTestService({
    database,
    env,
    feedTimes: { pollMs: 3_600_000, heartbeatMs: 20, listenerPingMs: 200 },
  })
  const caller = await newCaller(service)
  await using follower = startFollower(callerOf(lone, caller.user).client, { after: 0 })
  await follower.is('live')
  await caller.client.tasks.create.mutate({ title: 'payloads' })
  await follower.reached(1)
  proxy.breakAll('silence')
  await caller.client.tasks.create.mutate({ title: 'unheard' })
  await follower.reached(2)
})
