import { createClient } from '@taskwire/client'
import { createTestDatabase } from '@taskwire/db/testing'
import { afterAll, expect, test } from 'vitest'
import { settingsFor, signUpAt, startServiceProcess, startPostgres, temporaryDirectory } from '../testing/process.ts'
import { startFollower } from '../testing/follower.ts'
import { openRawStream } from '../testing/streams.ts'
import { startTcpProxy } from '../testing/tcp-proxy.ts'

const postgres = await startPostgres()
const directory = await temporaryDirectory()
afterAll(async () => {
  await postgres[Symbol.asyncDispose]()
  await directory[Symbol.asyncDispose]()
})

test('a follower gets every Change once while one process is killed and another is stopped', async () => {
  await using database = await createTestDatabase()
  const options = { cwd: directory.path, env: settingsFor(database) }
  await using first = startServiceProcess(options)
  await using second = startServiceProcess(options)
  const { token } = await signUpAt(await second.url())
  await using proxy = await startTcpProxy(await first.url())
  await using follower = startFollower(createClient({ url: proxy.url, token, retry: { delayMs: 20 } }))
  await follower.is('live')
  let created = 0
  const create = async (url: string): Promise<void> => {
    await createClient({ url, token }).tasks.create.mutate({ title: `${++created}` })
  }
  // Created by the other process, which sends a NOTIFY.
  await create(await second.url())
  await follower.reached(created)

  proxy.setTarget(await second.url())
  expect(await first.end('SIGKILL')).toBe('SIGKILL')
  await create(await second.url())
  await follower.reached(created)
  await follower.is('live')

  await using third = startServiceProcess(options)
  proxy.setTarget(await third.url())
  expect(await second.end()).toBe(0)
  await create(await third.url())
  await follower.reached(created)
  expect(follower.revisions).toEqual(Array.from({ length: created }, (_, n) => n + 1))
  const causes = follower.statuses.flatMap((status) => (status.state === 'offline' ? [status.cause.appCode] : []))
  // The killed process sent no reason; the stopped one ended its streams with UNAVAILABLE.
  expect([causes[0], causes.includes('UNAVAILABLE')]).toEqual(['NETWORK', true])
})

test('open streams do not keep a process from stopping, even if a reader reads nothing', async () => {
  await using database = await createTestDatabase()
  await using main = startServiceProcess({ cwd: directory.path, env: settingsFor(database) })
  const url = await main.url()
  const { token } = await signUpAt(url)
  const client = createClient({ url, token })
  const tasks = Array.from({ length: 500 }, (_, n) => ({ title: `${n}`, description: 'x'.repeat(1000) }))
  for (let n = 0; n < 12; n++) await client.tasks.createMany.mutate({ tasks })
  using reader = await openRawStream(url, { authorization: `Bearer ${token}` })
  await reader.next('message')
  using slow = await openRawStream(url, { authorization: `Bearer ${token}` }, { after: 0 })
  await slow.next('message')
  slow.pause()
  main.child.kill('SIGTERM')
  expect((await reader.next('serialized-error')).data).toMatchObject({
    data: { appCode: 'UNAVAILABLE', retryAfterMs: expect.any(Number) },
  })
  expect(await main.ended).toBe(0)
})
