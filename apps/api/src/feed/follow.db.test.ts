import { createClient, failureOf } from '@taskwire/client'
import { connectOnce } from '@taskwire/db'
import { createTestDatabase, startProxy } from '@taskwire/db/testing'
import { afterAll, expect, test } from 'vitest'
import { callerOf, changesAfter, newCaller } from '../testing/caller.ts'
import { startTestService } from '../testing/service.ts'
import { metric, openRaw, startFollower, startHop, until } from '../testing/streams.ts'

const database = await createTestDatabase()
const QUICK = { heartbeatMs: 50, watchMs: 100 }
const service = await startTestService({ database, feedTimes: QUICK })
/** The same database, served by another: nothing is shared but that. */
const other = await startTestService({ database, feedTimes: QUICK })
afterAll(async () => {
  await service[Symbol.asyncDispose]()
  await other[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
})

/** Until it hears the others, and tells them. */
const listens = async ({ url }: { url: string }): Promise<void> =>
  await until(async () => (await metric(url, 'taskwire_listening')) === 1)
for (const one of [service, other]) await listens(one)

const titles = (count: number): { tasks: { title: string }[] } => ({
  tasks: Array.from({ length: count }, (_, n) => ({ title: `${n}` })),
})
const upTo = (last: number): number[] => Array.from({ length: last }, (_, n) => n + 1)

test('catches up with thousands, then follows: each once, in order, as the log has them', async () => {
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

test('without after it is from now; stopped before anything came it gives that revision', async () => {
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

test('by a session’s cookie, a key and a service’s key', async () => {
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

test('what this process commits comes at once, and what another does by NOTIFY, without any poll', async () => {
  await using deaf = await startTestService({ database, feedTimes: { watchMs: 3_600_000, heartbeatMs: 20 } })
  const caller = await newCaller(service)
  await using follower = startFollower(callerOf(deaf, caller.user).client, { after: 0 })
  await follower.is('live')
  for (let n = 1; n <= 20; n++) {
    await caller.client.tasks.create.mutate({ title: `${n}` })
    await follower.reached(n)
  }
  expect(follower.revisions).toEqual(upTo(20))
  const here = callerOf(deaf, caller.user).client
  for (let n = 21; n <= 25; n++) {
    await here.tasks.create.mutate({ title: `${n}` })
    await follower.reached(n)
  }
  expect(await metric(deaf.url, 'taskwire_stream_wakeups_total', 'by="here"')).toBeGreaterThan(0)
  expect(await metric(deaf.url, 'taskwire_stream_polls_total')).toBe(0)
  expect(await metric(deaf.url, 'taskwire_stream_wakeups_total', 'by="notify"')).toBeGreaterThan(0)
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

test('a NOTIFY carries nothing but opaque ids, and one that is made up does nothing', async () => {
  const caller = await newCaller(service)
  await using follower = startFollower(callerOf(other, caller.user).client, { after: 0 })
  await follower.is('live')
  const heard: string[] = []
  const { sql } = await connectOnce({ address: database.admin, applicationName: 'spy' })
  await sql.listen('taskwire_wake', (payload) => heard.push(payload))
  await caller.client.tasks.create.mutate({ title: 'secret title' })
  await follower.reached(1)
  // Where the poll was quicker, it is not sent yet.
  while (heard.length === 0) await sql`select 1`
  // Behind it, in the order of sending.
  await sql.notify('taskwire_wake', 'x not-a-uuid 1; drop table tw.tasks')
  await sql.notify('taskwire_wake', '')
  await sql.notify('taskwire_wake', `x ${caller.user.id}`)
  while (heard.length < 4) await sql`select 1`
  expect(heard[0]).toMatch(new RegExp(`^[\\w-]{8} ${caller.user.id}$`))
  await caller.client.tasks.create.mutate({ title: 'another' })
  await follower.reached(2)
  expect(follower.revisions).toEqual([1, 2])
  await sql.end()
})

test('without NOTIFY the poll finds it', async () => {
  // Nothing listens there.
  const env = { DATABASE_DIRECT_URL: database.url('taskwire_app').replace(/:\d+\//, ':1/') }
  await using deaf = await startTestService({ database, env, feedTimes: QUICK })
  const caller = await newCaller(service)
  await using follower = startFollower(callerOf(deaf, caller.user).client, { after: 0 })
  await follower.is('live')
  for (let n = 1; n <= 3; n++) {
    await caller.client.tasks.create.mutate({ title: `${n}` })
    await follower.reached(n)
  }
  expect(await metric(deaf.url, 'taskwire_stream_wakeups_total', 'by="notify"')).toBe(0)
  expect(await metric(deaf.url, 'taskwire_stream_wakeups_total', 'by="poll"')).toBeGreaterThan(0)
  expect(await metric(deaf.url, 'taskwire_listening')).toBe(0)
})

test('with neither nothing comes: it is these two that the tests above see', async () => {
  const env = { DATABASE_DIRECT_URL: database.url('taskwire_app').replace(/:\d+\//, ':1/') }
  await using deaf = await startTestService({ database, env, feedTimes: { watchMs: 3_600_000, heartbeatMs: 20 } })
  const { client, user } = await newCaller(service)
  using stream = await openRaw(deaf.url, { authorization: `Bearer ${user.token}` }, { after: 0 })
  await stream.next('message')
  await stream.next('message')
  await client.tasks.create.mutate({ title: 'unseen' })
  for (let beats = 0; beats < 10; beats++)
    expect((await stream.next('message')).data).toEqual({ type: 'head', revision: 0 })
})

test('a listener that is killed comes back, and what was notified meanwhile is looked for', async () => {
  await using proxy = await startProxy(database.app)
  const env = { DATABASE_DIRECT_URL: database.url('taskwire_app').replace(/:\d+\//, `:${proxy.port}/`) }
  // The poll is off: only the listener can find it.
  await using lone = await startTestService({ database, env, feedTimes: { watchMs: 3_600_000, heartbeatMs: 20 } })
  const caller = await newCaller(service)
  await using follower = startFollower(callerOf(lone, caller.user).client, { after: 0 })
  await follower.is('live')
  for (let n = 1; n <= 5; n++) {
    // It is not back before there is something to look for: then that would be told to nobody, those who tell being killed too.
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
  for (const one of [service, other]) await listens(one)
})

test('a listener that has gone silent is found and replaced', async () => {
  await using proxy = await startProxy(database.app)
  const env = { DATABASE_DIRECT_URL: database.url('taskwire_app').replace(/:\d+\//, `:${proxy.port}/`) }
  await using lone = await startTestService({
    database,
    env,
    feedTimes: { watchMs: 3_600_000, heartbeatMs: 20, listenerPingMs: 200 },
  })
  const caller = await newCaller(service)
  await using follower = startFollower(callerOf(lone, caller.user).client, { after: 0 })
  await follower.is('live')
  await caller.client.tasks.create.mutate({ title: 'heard' })
  await follower.reached(1)
  proxy.breakAll('silence')
  await caller.client.tasks.create.mutate({ title: 'unheard' })
  await follower.reached(2)
})

test('a stream goes on over a reset, a connection that is half open, and a black hole', async () => {
  await using hop = await startHop(service.url)
  const caller = await newCaller(service)
  const client = createClient({ url: hop.url, token: caller.user.token, timeoutMs: 300, retry: { delayMs: 20 } })
  // From now: where it goes on from is what the stream itself has told it.
  await using follower = startFollower(client, { silentMs: 300 })
  await follower.is('live')
  let made = 0
  const create = async (): Promise<void> => {
    await caller.client.tasks.create.mutate({ title: `${++made}` })
  }
  for (let n = 0; n < 3; n++) {
    hop.reset()
    await follower.is('offline')
    await create()
    await follower.reached(made)

    hop.freeze()
    // Waited for from now on: where the machine is slow, it is back before the task is made.
    const offline = follower.is('offline')
    await create()
    await offline
    await follower.reached(made)

    hop.blackHole()
    await create()
    await follower.is('offline')
    await create()
    hop.lift()
    await follower.reached(made)
    await follower.is('live')
  }
  expect(follower.revisions).toEqual(upTo(made))
  expect(follower.changes).toEqual(await changesAfter(caller, 0))
  const causes = follower.statuses.flatMap((status) => (status.state === 'offline' ? [status.cause.appCode] : []))
  expect(new Set(causes)).toEqual(new Set(['NETWORK', 'TIMEOUT']))
})

test('what ends it for good rejects: too old, signed out, a key without the scope, an error of onChange', async () => {
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

test('an aborted signal ends it, before, between and while a Change is processed, which is waited for', async () => {
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
