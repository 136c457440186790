import { createClient, failureOf, signOut } from '@taskwire/client'
import { LIMITS } from '@taskwire/contract'
import { createTestDatabase, startProxy } from '@taskwire/db/testing'
import { afterAll, expect, test } from 'vitest'
import { callerOf, newCaller } from '../testing/caller.ts'
import { startTestService } from '../testing/service.ts'
import { metric, openRaw, type RawStream, startFollower, until } from '../testing/streams.ts'

const database = await createTestDatabase()
const service = await startTestService({ database, feedTimes: { heartbeatMs: 50, watchMs: 100 } })
afterAll(async () => {
  await service[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
})

const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` })
/** A log of so many large Changes, some 10 kB each on the wire. */
async function fill(userId: string, count: number): Promise<void> {
  await service.admin(
    `insert into tw.changes (space_id, revision, commit, at, actor_kind, action, entity, entity_id, after)
     select $1, n, n, now(), 'user', 'create', 'task', gen_random_uuid(), jsonb_build_object('description', repeat('x', 10000))
     from generate_series(1, $2::int) n`,
    [userId, count],
  )
  await service.admin('update tw.spaces set revision = $2 where id = $1', [userId, count])
}
const MANY = 4000

/** What the stream was told in the end; nothing of what is `committed` meanwhile is in it. */
async function endOf(stream: RawStream): Promise<string> {
  const { data } = await stream.next('serialized-error')
  expect(await stream.ended).toBe('ended')
  return (data as { data: { appCode: string } }).data.appCode
}

test.each<
  [
    string,
    string,
    (caller: Awaited<ReturnType<typeof newCaller>>) => Promise<{ token: string; end(): Promise<unknown> }>,
  ]
>([
  [
    'a sign-out',
    'UNAUTHENTICATED',
    async ({ user: { token } }) => ({ token, end: async () => await signOut({ url: service.url, token }) }),
  ],
  [
    'a session that expires',
    'UNAUTHENTICATED',
    async ({ user }) => ({
      token: user.token,
      end: async () => await service.admin('update auth.sessions set expires_at = now() where user_id = $1', [user.id]),
    }),
  ],
  [
    'a key that is revoked',
    'UNAUTHENTICATED',
    async ({ client }) => {
      const { key, secret } = await client.keys.create.mutate({ name: 'k', scopes: ['tasks:read'] })
      return { token: secret, end: async () => await client.keys.revoke.mutate({ id: key.id }) }
    },
  ],
  [
    'a key that expires',
    'UNAUTHENTICATED',
    async ({ client }) => {
      const { key, secret } = await client.keys.create.mutate({ name: 'k', scopes: ['tasks:read'] })
      return {
        token: secret,
        end: async () => await service.admin('update tw.api_keys set expires_at = now() where id = $1', [key.id]),
      }
    },
  ],
  [
    'a key that loses its scope',
    'FORBIDDEN',
    async ({ client }) => {
      const { key, secret } = await client.keys.create.mutate({ name: 'k', scopes: ['tasks:read'] })
      return {
        token: secret,
        end: async () => await service.admin(`update tw.api_keys set scopes = '{account}' where id = $1`, [key.id]),
      }
    },
  ],
  [
    'an account that is deleted',
    'UNAUTHENTICATED',
    async ({ client, user }) => ({ token: user.token, end: async () => await client.me.delete.mutate() }),
  ],
])('%s ends the stream: %s', async (_, appCode, prepare) => {
  const caller = await newCaller(service)
  const { token, end } = await prepare(caller)
  using stream = await openRaw(service.url, bearer(token))
  using bystander = await openRaw(service.url, bearer((await newCaller(service)).user.token))
  await stream.next('message')
  await end()
  expect(await endOf(stream)).toBe(appCode)
  // The next poll ends nobody else's.
  const polls = await metric(service.url, 'taskwire_stream_polls_total')
  await until(async () => (await metric(service.url, 'taskwire_stream_polls_total')) > polls)
  await bystander.next('message')
})

test('a service’s key that is deleted, and a user who is gone', async () => {
  const { client, user } = await newCaller(service)
  const [first, second] = [await service.addServiceKey('tasks:read'), await service.addServiceKey('tasks:read')]
  const headers = (secret: string): Record<string, string> => ({ ...bearer(secret), 'x-taskwire-user': user.id })
  using one = await openRaw(service.url, headers(first))
  using two = await openRaw(service.url, headers(second))
  await one.next('message')
  await two.next('message')
  await service.admin('delete from tw.service_keys where name = $1', [first])
  expect(await endOf(one)).toBe('UNAUTHENTICATED')
  await client.me.delete.mutate()
  expect(await endOf(two)).toBe('USER_UNKNOWN')
})

test('one poll asks for all streams of the process', async () => {
  const lone = await startTestService({ database, feedTimes: { heartbeatMs: 50, watchMs: 100 } })
  const streams = new DisposableStack()
  // From when it listens on everybody looks once.
  await until(async () => (await metric(lone.url, 'taskwire_listening')) === 1)
  for (let n = 0; n < 3; n++) {
    const { user } = await newCaller(service)
    for (let m = 0; m < 4; m++) {
      const stream = streams.use(await openRaw(lone.url, bearer(user.token)))
      // Between the first and the second it looks whether more has come.
      for (let heads = 0; heads < 2; heads++) await stream.next('message')
    }
  }
  expect(await metric(lone.url, 'taskwire_streams')).toBe(12)
  const reads = await metric(lone.url, 'taskwire_stream_reads_total')
  const polls = await metric(lone.url, 'taskwire_stream_polls_total')
  await until(async () => (await metric(lone.url, 'taskwire_stream_polls_total')) >= polls + 3)
  // Nothing is new, and so nothing is read.
  expect(await metric(lone.url, 'taskwire_stream_reads_total')).toBe(reads)
  streams.dispose()
  await until(async () => (await metric(lone.url, 'taskwire_streams')) === 0)
  await lone[Symbol.asyncDispose]()
})

test('a user has so many streams, and a process; who closes one makes room', async () => {
  await using small = await startTestService({ database, env: { STREAMS_MAX: String(LIMITS.streamsPerUser + 1) } })
  const [ada, ben] = [await newCaller(service), await newCaller(service)]
  const all: RawStream[] = []
  const open = async (token: string): Promise<string> => {
    const stream = await openRaw(small.url, bearer(token))
    all.push(stream)
    await stream.next('connected')
    const { event, data } = await stream.next()
    return event === 'message' ? 'OK' : (data as { data: { appCode: string } }).data.appCode
  }
  for (let n = 0; n < LIMITS.streamsPerUser; n++) expect(await open(ada.user.token)).toBe('OK')
  expect(await open(ada.user.token)).toBe('RATE_LIMITED')
  expect(await open(ben.user.token)).toBe('OK')
  expect(await open(ben.user.token)).toBe('OVERLOADED')
  // It asks for patience: the client goes on trying.
  await using follower = startFollower(createClient({ url: small.url, token: ada.user.token }))
  expect(await follower.is('offline')).toMatchObject({ cause: { appCode: 'OVERLOADED', retryAfterMs: 5000 } })
  for (const stream of all.splice(0, 2)) stream[Symbol.dispose]()
  await until(async () => (await metric(small.url, 'taskwire_streams')) === LIMITS.streamsPerUser - 1)
  expect(await open(ada.user.token)).toBe('OK')
  for (const stream of all) stream[Symbol.dispose]()
})

test('a slow reader is read for page by page as it takes them, and hung up on when it takes nothing', async () => {
  await using lone = await startTestService({
    database,
    feedTimes: { watchMs: 50, stuckMs: 300, heartbeatMs: 50 },
  })
  const { client, user } = callerOf(lone, (await newCaller(service)).user)
  // More than the sockets hold.
  await fill(user.id, MANY)
  using stream = await openRaw(lone.url, bearer(user.token), { after: 0 })
  stream.pause()
  // Hung up on from the other side, since nothing is taken.
  await until(async () => (await metric(lone.url, 'taskwire_streams')) === 0)
  const pages = await metric(lone.url, 'taskwire_stream_reads_total')
  expect(pages).toBeLessThan(MANY / 100 / 2)
  stream.resume()
  expect(await stream.ended).toBe('cut')
  const closed = lone.log
    .map((line) => JSON.parse(line) as { msg: string; sent?: number })
    .find(({ msg }) => msg === 'stream closed')
  expect(closed?.sent).toBeLessThan(MANY / 2)
  // By the client all of it comes, once, however slow it is.
  await using follower = startFollower(client, { after: 0 })
  await follower.reached(MANY)
  expect(follower.revisions).toEqual(Array.from({ length: MANY }, (_, n) => n + 1))
})

test('a reader that processes slowly takes no more than it can hold', async () => {
  const { client, user } = await newCaller(service)
  // Some 80 MB, beside which what the sockets and the reader hold is little.
  const most = 8000
  await fill(user.id, most)
  const stopping = new AbortController()
  const first = Promise.withResolvers<void>()
  const reads = async (): Promise<number> => await metric(service.url, 'taskwire_stream_reads_total')
  const polls = async (): Promise<number> => await metric(service.url, 'taskwire_stream_polls_total')
  const before = await reads()
  const following = client.changes.follow({
    after: 0,
    signal: stopping.signal,
    async onChange() {
      first.resolve()
      // Never, as it were.
      await new Promise((resolve) => stopping.signal.addEventListener('abort', resolve))
    },
  })
  await first.promise
  // Until nothing more is read from one poll to the third after it.
  for (let last = -1, now = await reads(); now !== last; now = await reads()) {
    last = now
    const polled = await polls()
    await until(async () => (await polls()) >= polled + 3)
  }
  expect((await reads()) - before).toBeLessThan(most / 100 / 2)
  stopping.abort()
  expect(await following).toBe(1)
})

test('when the service stops, every stream is told to come again elsewhere, at once', async () => {
  const lone = await startTestService({ database })
  const { client, user } = callerOf(lone, (await newCaller(service)).user)
  await client.tasks.create.mutate({ title: 'x' })
  const streams: RawStream[] = []
  for (let n = 0; n < 20; n++) streams.push(await openRaw(lone.url, bearer(user.token)))
  for (const stream of streams) await stream.next('message')
  await using follower = startFollower(client)
  await follower.is('live')
  // It may soon try again, and then find nobody there.
  const offline = follower.is('offline')
  const closing = lone.service.close()
  expect(await Promise.all(streams.map(endOf))).toEqual(streams.map(() => 'UNAVAILABLE'))
  expect(await offline).toMatchObject({ cause: { appCode: 'UNAVAILABLE' } })
  await closing
})

test('a database that is away for a while is outlived; one that stays away ends the streams, which resume', async () => {
  await using proxy = await startProxy(database.app)
  const env = { DATABASE_URL: database.url('taskwire_app').replace(/:\d+\//, `:${proxy.port}/`) }
  const times = { heartbeatMs: 50, watchMs: 50 }
  await using lone = await startTestService({ database, env, feedTimes: times })
  const caller = await newCaller(service)
  await using follower = startFollower(createClient({ url: lone.url, token: caller.user.token }), { after: 0 })
  await follower.is('live')
  await proxy.close()
  await caller.client.tasks.create.mutate({ title: 'meanwhile' })
  await until(async () => (await metric(lone.url, 'taskwire_stream_polls_total', 'outcome="failed"')) >= 2)
  expect(await metric(lone.url, 'taskwire_streams')).toBe(1)
  await proxy.listen()
  await follower.reached(1)
  expect(follower.statuses.map(({ state }) => state)).toEqual(['catchingUp', 'live'])

  await using hasty = await startTestService({ database, env, feedTimes: { ...times, awayMs: 200 } })
  const client = createClient({ url: hasty.url, token: caller.user.token, retry: { delayMs: 10 } })
  await using second = startFollower(client, { after: 0 })
  await second.is('live')
  // Nothing is under way then: only the poll finds that it is away.
  await until(async () => (await metric(hasty.url, 'taskwire_stream_polls_total', 'outcome="ok"')) >= 2)
  await proxy.close()
  const status = await second.is('offline')
  expect(status).toMatchObject({ cause: { appCode: 'UNAVAILABLE' } })
  await proxy.listen()
  await caller.client.tasks.create.mutate({ title: 'later' })
  await second.reached(2)
  await second.is('live')
  expect(second.revisions).toEqual([1, 2])
  await follower.reached(2)
})

test('a refusal is a failure like that of any call', async () => {
  const stranger = createClient({ url: service.url, token: 'nobody' })
  const error: unknown = await startFollower(stranger).ended.catch((thrown: unknown) => thrown)
  expect(failureOf(error)).toMatchObject({
    appCode: 'UNAUTHENTICATED',
    httpStatus: 401,
    retryable: false,
    requestId: expect.any(String),
  })
})
