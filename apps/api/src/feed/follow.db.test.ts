import { createClient, failureOf } from '@taskwire/client'
import { connectOnce } from '@taskwire/db'
import { createTestDatabase, startProxy } from '@taskwire/db/testing'
import { afterAll, expect, test } from 'vitest'
import { callerOf, changesAfter, newCaller } from '../testing/caller.ts'
import { startTestService } from '../testing/service.ts'
import { startFollower } from '../testing/follower.ts'
import { metric, until } from '../testing/metrics.ts'
import { openRawStream } from '../testing/streams.ts'
import { startTcpProxy } from '../testing/tcp-proxy.ts'

const database = await createTestDatabase()
const QUICK = { heartbeatMs: 50, pollMs: 100 }
const service = await startTestService({ database, feedTimes: QUICK })
/** Another service on the same database. The two share nothing else. */
const other = await startTestService({ database, feedTimes: QUICK })
afterAll(async () => {
  await service[Symbol.asyncDispose]()
  await other[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
})

/** Waits until the service listens to other processes, and notifies them. */
const waitForListener = async ({ url }: { url: string }): Promise<void> =>
  await until(async () => (await metric(url, 'taskwire_listening')) === 1)
for (const one of [service, other]) await waitForListener(one)

const titles = (count: number): { tasks: { title: string }[] } => ({
  tasks: Array.from({ length: count }, (_, n) => ({ title: `${n}` })),
})
const upTo = (last: number): number[] => Array.from({ length: last }, (_, n) => n + 1)

test('a follower catches up with thousands of Changes, then follows: each once and in the order of the log', async () => {
  const caller = await newCaller(service)
  for (let n = 0; n < 6; n++) await caller.client.tasks.createMany.mutate(titles(500))
  await using follower = startFollower(caller.client, { after: 0 })
  await follower.is('live')
  expect(follower.revisions).toEqual(upTo(3000))
  await caller.client.tasks.createMany.mutate(titles(500))
  await follower.reached(3500)
  expect(follower.changes).toEqual(await changesAfter(caller, 0))
  expect(await follower.stop()).toBe(3500)
  expect(follower.statuses.map(({ state }) => state)).toEqual(['catchingUp', 'live'])
})

test('without after, a follower starts at the head; stopped before any Change it returns that revision', async () => {
  const { client } = await newCaller(service)
  await client.tasks.createMany.mutate(titles(5))
  await using first = startFollower(client)
  await first.is('live')
  expect(await first.stop()).toBe(5)
  await using follower = startFollower(client)
  await follower.is('live')
  await client.tasks.create.mutate({ title: 'now' })
  await follower.reached(6)
  expect(follower.revisions).toEqual([6])
})

test('a feed can be followed with a session cookie, a key and a service key', async () => {
  const { client, user } = await newCaller(service)
  const { secret } = await client.keys.create.mutate({ name: 'reads', scopes: ['tasks:read'] })
  const serviceKey = await service.addServiceKey('tasks:read')
  const cookie = async (input: string | URL | Request, init?: RequestInit): Promise<Response> =>
    await fetch(input, { ...init, headers: { ...(init?.headers as Record<string, string>), cookie: user.cookie } })
  const clients = [
    createClient({ url: service.url, fetch: cookie }),
    createClient({ url: service.url, token: secret }),
    createClient({ url: service.url, token: serviceKey, actingAs: user.id }),
  ]
  await client.tasks.create.mutate({ title: 'a' })
  for (const followed of clients) {
    await using follower = startFollower(followed, { after: 0 })
    await follower.reached(1)
    await follower.is('live')
  }
})

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

test('Changes of the account and its keys are streamed like any other', async () => {
  const caller = await newCaller(service)
  const { client } = caller
  await using follower = startFollower(client, { after: 0 })
  await follower.is('live')
  await client.me.update.mutate({ name: 'Zoë' })
  await follower.reached(1)
  const { key } = await client.keys.create.mutate({ name: 'k', scopes: ['tasks:read'] })
  await follower.reached(2)
  await client.keys.revoke.mutate({ id: key.id })
  await follower.reached(3)
  expect(follower.changes).toEqual(await changesAfter(caller, 0))
  expect(follower.changes.map(({ action, entity }) => `${action} ${entity}`)).toEqual([
    'update account',
    'create key',
    'delete key',
  ])
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
  // Delivered after it, in the order of sending.
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
  // The poll is off: only the listener can find it.
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

test('a stream resumes after a reset, a half-open connection and a network that drops everything', async () => {
  await using proxy = await startTcpProxy(service.url)
  const caller = await newCaller(service)
  const client = createClient({ url: proxy.url, token: caller.user.token, timeoutMs: 300, retry: { delayMs: 20 } })
  // Without `after`: it can resume only from what the stream itself has sent.
  await using follower = startFollower(client, { silentMs: 300 })
  await follower.is('live')
  let created = 0
  const create = async (): Promise<void> => {
    await caller.client.tasks.create.mutate({ title: `${++created}` })
  }
  for (let n = 0; n < 3; n++) {
    proxy.reset()
    await follower.is('offline')
    await create()
    await follower.reached(created)

    proxy.freeze()
    // Registered before: on a slow machine it is back online before the task is created.
    const offline = follower.is('offline')
    await create()
    await offline
    await follower.reached(created)

    proxy.blackHole()
    await create()
    await follower.is('offline')
    await create()
    proxy.lift()
    await follower.reached(created)
    await follower.is('live')
  }
  expect(follower.revisions).toEqual(upTo(created))
  expect(follower.changes).toEqual(await changesAfter(caller, 0))
  const causes = follower.statuses.flatMap((status) => (status.state === 'offline' ? [status.cause.appCode] : []))
  expect(new Set(causes)).toEqual(new Set(['NETWORK', 'TIMEOUT']))
})

test('follow() rejects for errors that a retry does not mend: RESYNC_REQUIRED, UNAUTHENTICATED, FORBIDDEN, an error of onChange', async () => {
  const { client, user } = await newCaller(service)
  await client.tasks.createMany.mutate(titles(3))
  const codeOf = async (following: Promise<unknown>): Promise<string> =>
    await following.then(
      () => 'resolved',
      (error: unknown) => failureOf(error).appCode,
    )
  expect(await codeOf(startFollower(client, { after: 4 }).ended)).toBe('RESYNC_REQUIRED')
  const stranger = createClient({ url: service.url, token: 'nobody' })
  expect(await codeOf(startFollower(stranger).ended)).toBe('UNAUTHENTICATED')
  const { secret } = await client.keys.create.mutate({ name: 'account', scopes: ['account'] })
  expect(await codeOf(startFollower(createClient({ url: service.url, token: secret })).ended)).toBe('FORBIDDEN')
  const newer = createClient({
    url: service.url,
    token: user.token,
    fetch: async (input, init) =>
      await fetch(input, { ...init, headers: { ...(init?.headers as object), 'x-taskwire-contract': '2.0.0' } }),
  })
  expect(await codeOf(startFollower(newer).ended)).toBe('CONTRACT_MISMATCH')
  const elsewhere = createClient({ url: `${service.url}/elsewhere`, token: user.token })
  expect(await codeOf(startFollower(elsewhere).ended)).toBe('NOT_FOUND')

  const seen: number[] = []
  const mistake = new Error('a mistake of the caller')
  await expect(
    client.changes.follow({
      after: 0,
      onChange({ revision }) {
        seen.push(revision)
        if (revision === 2) throw mistake
      },
    }),
  ).rejects.toBe(mistake)
  expect(seen).toEqual([1, 2])
  await expect(
    client.changes.follow({
      onChange() {},
      onStatus: () => {
        throw mistake
      },
    }),
  ).rejects.toBe(mistake)
})

test('an aborted signal ends follow(), which waits for the Change that is being processed', async () => {
  const { client } = await newCaller(service)
  await client.tasks.createMany.mutate(titles(3))
  expect(await client.changes.follow({ after: 0, onChange() {}, signal: AbortSignal.abort() })).toBe(0)
  const stopping = new AbortController()
  const { promise: release, resolve } = Promise.withResolvers<void>()
  const processed: number[] = []
  const following = client.changes.follow({
    after: 0,
    signal: stopping.signal,
    async onChange({ revision }) {
      stopping.abort()
      await release
      processed.push(revision)
    },
  })
  setImmediate(resolve)
  expect(await following).toBe(1)
  expect(processed).toEqual([1])
  await until(async () => (await metric(service.url, 'taskwire_streams')) === 0)
})
