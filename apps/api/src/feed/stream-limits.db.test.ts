import { createClient } from '@taskwire/client'
import { LIMITS } from '@taskwire/contract'
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
/** Fills a user's log with this many Changes of about 10 kB each. */
async function fillLog(userId: string, count: number): Promise<void> {
  await service.admin(
    `insert into tw.changes (space_id, revision, commit, at, actor_kind, action, entity, entity_id, after)
     select $1, n, n, now(), 'user', 'create', 'task', gen_random_uuid(), jsonb_build_object('description', repeat('x', 10000))
     from generate_series(1, $2::int) n`,
    [userId, count],
  )
  await service.admin('update tw.spaces set revision = $2 where id = $1', [userId, count])
}
const MANY = 4000

test('one poll serves all streams of the process, and reads nothing when nothing has changed', async () => {
  const lone = await startTestService({ database, feedTimes: QUICK })
  const streams = new DisposableStack()
  // Every stream reads once when the process begins to listen.
  await until(async () => (await metric(lone.url, 'taskwire_listening')) === 1)
  for (let n = 0; n < 3; n++) {
    const { user } = await newCaller(service)
    for (let m = 0; m < 4; m++) {
      const stream = streams.use(await openRawStream(lone.url, bearer(user.token)))
      // Between the first and the second head it reads the log once.
      for (let heads = 0; heads < 2; heads++) await stream.next('message')
    }
  }
  expect(await metric(lone.url, 'taskwire_streams')).toBe(12)
  const reads = await metric(lone.url, 'taskwire_stream_reads_total')
  const polls = await metric(lone.url, 'taskwire_stream_polls_total')
  await until(async () => (await metric(lone.url, 'taskwire_stream_polls_total')) >= polls + 3)
  // Nothing has changed, so no stream has read the log.
  expect(await metric(lone.url, 'taskwire_stream_reads_total')).toBe(reads)
  streams.dispose()
  await until(async () => (await metric(lone.url, 'taskwire_streams')) === 0)
  await lone[Symbol.asyncDispose]()
})

test('streams are limited per user and per process; after one closes, another can open', async () => {
  await using small = await startTestService({ database, env: { STREAMS_MAX: String(LIMITS.streamsPerUser + 1) } })
  const [ada, ben] = [await newCaller(service), await newCaller(service)]
  const streams: RawStream[] = []
  const open = async (token: string): Promise<string> => {
    const stream = await openRawStream(small.url, bearer(token))
    streams.push(stream)
    await stream.next('connected')
    const { event, data } = await stream.next()
    return event === 'message' ? 'OK' : (data as { data: { appCode: string } }).data.appCode
  }
  for (let n = 0; n < LIMITS.streamsPerUser; n++) expect(await open(ada.user.token)).toBe('OK')
  expect(await open(ada.user.token)).toBe('RATE_LIMITED')
  expect(await open(ben.user.token)).toBe('OK')
  expect(await open(ben.user.token)).toBe('OVERLOADED')
  // The client retries, since the refusal has retryAfterMs.
  await using follower = startFollower(createClient({ url: small.url, token: ada.user.token }))
  expect(await follower.is('offline')).toMatchObject({ cause: { appCode: 'OVERLOADED', retryAfterMs: 5000 } })
  for (const stream of streams.splice(0, 2)) stream[Symbol.dispose]()
  await until(async () => (await metric(small.url, 'taskwire_streams')) === LIMITS.streamsPerUser - 1)
  expect(await open(ada.user.token)).toBe('OK')
  for (const stream of streams) stream[Symbol.dispose]()
})

test('the log is read page by page, no faster than the reader reads, and a reader that reads nothing is disconnected', async () => {
  await using lone = await startTestService({
    database,
    feedTimes: { pollMs: 50, stuckMs: 300, heartbeatMs: 50 },
  })
  const { client, user } = callerOf(lone, (await newCaller(service)).user)
  // More than fits into the socket buffers.
  await fillLog(user.id, MANY)
  using stream = await openRawStream(lone.url, bearer(user.token), { after: 0 })
  stream.pause()
  // The service disconnects the reader, which reads nothing.
  await until(async () => (await metric(lone.url, 'taskwire_streams')) === 0)
  const pages = await metric(lone.url, 'taskwire_stream_reads_total')
  expect(pages).toBeLessThan(MANY / 100 / 2)
  stream.resume()
  expect(await stream.ended).toBe('cut')
  const closed = lone.log
    .map((line) => JSON.parse(line) as { msg: string; sent?: number })
    .find(({ msg }) => msg === 'stream closed')
  expect(closed?.sent).toBeLessThan(MANY / 2)
  // The client gets every Change once.
  await using follower = startFollower(client, { after: 0 })
  await follower.reached(MANY)
  expect(follower.revisions).toEqual(Array.from({ length: MANY }, (_, n) => n + 1))
})

test('while onChange is pending, the client reads no more Changes than it can buffer', async () => {
  const { client, user } = await newCaller(service)
  // About 80 MB, much more than the sockets and the client buffer.
  const count = 8000
  await fillLog(user.id, count)
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
      // Stays pending until the test ends.
      await new Promise((resolve) => stopping.signal.addEventListener('abort', resolve))
    },
  })
  await first.promise
  // Wait until three polls have caused no read.
  for (let last = -1, now = await reads(); now !== last; now = await reads()) {
    last = now
    const polled = await polls()
    await until(async () => (await polls()) >= polled + 3)
  }
  expect((await reads()) - before).toBeLessThan(count / 100 / 2)
  stopping.abort()
  expect(await following).toBe(1)
})
