import { createClient } from '@taskwire/client'
import { createTestDatabase } from '@taskwire/db/testing'
import { afterAll, expect, test } from 'vitest'
import { settingsFor, signUpAt, startMain, startPostgres, temporaryDirectory } from '../testing/process.ts'
import { openRaw, startFollower, startHop } from '../testing/streams.ts'

const postgres = await startPostgres()
const directory = await temporaryDirectory()
afterAll(async () => {
  await postgres[Symbol.asyncDispose]()
  await directory[Symbol.asyncDispose]()
})

test('of two processes one is killed, and the other stopped while a third takes over: nothing is lost or doubled', async () => {
  await using database = await createTestDatabase()
  const options = { cwd: directory.path, env: settingsFor(database) }
  await using first = startMain(options)
  await using second = startMain(options)
  const { token } = await signUpAt(await second.url())
  await using hop = await startHop(await first.url())
  await using follower = startFollower(createClient({ url: hop.url, token, retry: { delayMs: 20 } }))
  await follower.is('live')
  let made = 0
  const create = async (url: string): Promise<void> => {
    await createClient({ url, token }).tasks.create.mutate({ title: `${++made}` })
  }
  // By the other process, which notifies.
  await create(await second.url())
  await follower.reached(made)

  hop.to(await second.url())
  expect(await first.end('SIGKILL')).toBe('SIGKILL')
  await create(await second.url())
  await follower.reached(made)
  await follower.is('live')

  await using third = startMain(options)
  hop.to(await third.url())
  expect(await second.end()).toBe(0)
  await create(await third.url())
  await follower.reached(made)
  expect(follower.revisions).toEqual(Array.from({ length: made }, (_, n) => n + 1))
  const causes = follower.statuses.flatMap((status) => (status.state === 'offline' ? [status.cause.appCode] : []))
  // The one told nothing any more; the other said that it was going.
  expect([causes[0], causes.includes('UNAVAILABLE')]).toEqual(['NETWORK', true])
})

test('streams do not keep it from stopping: not one whose reader takes nothing either', async () => {
  await using database = await createTestDatabase()
  await using main = startMain({ cwd: directory.path, env: settingsFor(database) })
  const url = await main.url()
  const { token } = await signUpAt(url)
  const client = createClient({ url, token })
  const tasks = Array.from({ length: 500 }, (_, n) => ({ title: `${n}`, description: 'x'.repeat(1000) }))
  for (let n = 0; n < 12; n++) await client.tasks.createMany.mutate({ tasks })
  using reader = await openRaw(url, { authorization: `Bearer ${token}` })
  await reader.next('message')
  using slow = await openRaw(url, { authorization: `Bearer ${token}` }, { after: 0 })
  await slow.next('message')
  slow.pause()
  main.child.kill('SIGTERM')
  expect((await reader.next('serialized-error')).data).toMatchObject({
    data: { appCode: 'UNAVAILABLE', retryAfterMs: expect.any(Number) },
  })
  expect(await main.ended).toBe(0)
})
