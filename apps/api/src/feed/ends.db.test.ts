import { createClient, failureOf, signOut } from '@taskwire/client'
import { startProxy } from '@taskwire/db/testing'
import { afterAll, expect, test } from 'vitest'
import { QUICK } from './testing/two-services.ts'
import { callerOf, newCaller } from '../testing/caller.ts'
import { startTestService } from '../testing/service.ts'
import { startFollower } from '../testing/follower.ts'
import { metric, until } from '../testing/metrics.ts'
import { openRawStream, type RawStream } from '../testing/streams.ts'

const service = await startTestService({ feedTimes: QUICK })
const { database } = service
afterAll(() => service[Symbol.asyncDispose]())

const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` })

/** Waits for the end of a stream; returns its appCode. */
async function appCodeAtEnd(stream: RawStream): Promise<string> {
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
    'signing out',
    'UNAUTHENTICATED',
    async ({ user: { token } }) => ({ token, end: async () => await signOut({ url: service.url, token }) }),
  ],
  [
    'the expiry of its session',
    'UNAUTHENTICATED',
    async ({ user }) => ({
      token: user.token,
      end: async () => await service.admin('update auth.sessions set expires_at = now() where user_id = $1', [user.id]),
    }),
  ],
  [
    'revoking its key',
    'UNAUTHENTICATED',
    async ({ client }) => {
      const { key, secret } = await client.keys.create.mutate({ name: 'k', scopes: ['tasks:read'] })
      return { token: secret, end: async () => await client.keys.revoke.mutate({ id: key.id }) }
    },
  ],
  [
    'the expiry of its key',
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
    'removing the scope of its key',
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
    'deleting its account',
    'UNAUTHENTICATED',
    async ({ client, user }) => ({ token: user.token, end: async () => await client.me.delete.mutate() }),
  ],
])('%s ends a stream with %s', async (_, appCode, prepare) => {
  const caller = await newCaller(service)
  const { token, end } = await prepare(caller)
  using stream = await openRawStream(service.url, bearer(token))
  using bystander = await openRawStream(service.url, bearer((await newCaller(service)).user.token))
  await stream.next('message')
  await end()
  expect(await appCodeAtEnd(stream)).toBe(appCode)
  // The next poll leaves the stream of another user open.
  const polls = await metric(service.url, 'taskwire_stream_polls_total')
  await until(async () => (await metric(service.url, 'taskwire_stream_polls_total')) > polls)
  await bystander.next('message')
})

test('deleting a service key or the user that it acts for ends the stream', async () => {
  const { client, user } = await newCaller(service)
  const [first, second] = [await service.addServiceKey('tasks:read'), await service.addServiceKey('tasks:read')]
  const headers = (secret: string): Record<string, string> => ({ ...bearer(secret), 'x-taskwire-user': user.id })
  using one = await openRawStream(service.url, headers(first))
  using two = await openRawStream(service.url, headers(second))
  await one.next('message')
  await two.next('message')
  await service.admin('delete from tw.service_keys where name = $1', [first])
  expect(await appCodeAtEnd(one)).toBe('UNAUTHENTICATED')
  await client.me.delete.mutate()
  expect(await appCodeAtEnd(two)).toBe('USER_UNKNOWN')
})

test('when the service stops, every stream ends at once with UNAVAILABLE', async () => {
  const lone = await startTestService({ database })
  const { client, user } = callerOf(lone, (await newCaller(service)).user)
  await client.tasks.create.mutate({ title: 'x' })
  const streams: RawStream[] = []
  for (let n = 0; n < 20; n++) streams.push(await openRawStream(lone.url, bearer(user.token)))
  for (const stream of streams) await stream.next('message')
  await using follower = startFollower(client)
  await follower.is('live')
  // Registered before closing: the follower may retry soon, and then fail with another code.
  const offline = follower.is('offline')
  const closing = lone.service.close()
  expect(await Promise.all(streams.map(appCodeAtEnd))).toEqual(streams.map(() => 'UNAVAILABLE'))
  expect(await offline).toMatchObject({ cause: { appCode: 'UNAVAILABLE' } })
  await closing
})

test('streams survive a short database outage; a long outage ends them, and the followers resume', async () => {
  await using proxy = await startProxy(database.app)
  const env = { DATABASE_URL: database.url('taskwire_app').replace(/:\d+\//, `:${proxy.port}/`) }
  const times = { heartbeatMs: 50, pollMs: 50 }
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

  await using hasty = await startTestService({ database, env, feedTimes: { ...times, databaseAwayMs: 200 } })
  const client = createClient({ url: hasty.url, token: caller.user.token, retry: { delayMs: 10 } })
  await using second = startFollower(client, { after: 0 })
  await second.is('live')
  // Nothing else uses the database: only the poll notices the outage.
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

test('a refused stream rejects with the same failure as a refused call', async () => {
  const stranger = createClient({ url: service.url, token: 'nobody' })
  const error: unknown = await startFollower(stranger).ended.catch((thrown: unknown) => thrown)
  expect(failureOf(error)).toMatchObject({
    appCode: 'UNAUTHENTICATED',
    httpStatus: 401,
    retryable: false,
    requestId: expect.any(String),
  })
})
