import { createClient, failureOf } from '@taskwire/client'
import { afterAll, expect, test } from 'vitest'
import { QUICK, waitForListener } from './testing/two-services.ts'
import { startTestService } from '../testing/service.ts'
import { changesAfter, newCaller } from '../testing/caller.ts'
import { startFollower } from '../testing/follower.ts'
import { metric, until } from '../testing/metrics.ts'
import { startTcpProxy } from '../testing/tcp-proxy.ts'

const service = await startTestService({ feedTimes: QUICK })
afterAll(() => service[Symbol.asyncDispose]())
await waitForListener(service)

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

test('without after, a follower starts at the head, and returns that revision if it is stopped before any Change', async () => {
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

test('a stream resumes after a reset, a half-open connection and a network that drops everything', async () => {
  await using proxy = await startTcpProxy(service.url)
  const caller = await newCaller(service)
  const client = createClient({ url: proxy.url, token: caller.user.token, timeoutMs: 300, retry: { delayMs: 20 } })
  // Without `after`, the follower can resume only from what the stream itself has sent.
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
    // Registered now: on a slow machine, the follower is back online before the task is created.
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

test('follow() rejects for errors that a retry cannot fix: RESYNC_REQUIRED, UNAUTHENTICATED, FORBIDDEN, an error of onChange', async () => {
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
