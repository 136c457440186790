import { request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { newCaller } from '../testing/caller.ts'
import { startTestService } from '../testing/service.ts'
import { metric, until } from '../testing/streams.ts'

const service = await startTestService()
afterAll(() => service[Symbol.asyncDispose]())

/** Asks for a stream, and hangs up so many milliseconds later, whatever has come of it. */
async function openAndLeave(token: string, afterMs: number): Promise<void> {
  const options = { headers: { authorization: `Bearer ${token}` }, agent: false }
  const sent = request(`${service.url}/trpc/changes.subscribe`, options)
  sent.on('error', () => {}).on('response', (response) => response.on('error', () => {}).resume())
  sent.end()
  await pause(afterMs)
  sent.destroy()
}

test('readers who leave at any moment of a stream’s opening leave nothing behind', async () => {
  const { user } = await newCaller(service)
  // In bursts, so that some wait in line, some in the database and some have begun.
  for (let burst = 0; burst < 30; burst++)
    await Promise.all(Array.from({ length: 20 }, async (_, nr) => await openAndLeave(user.token, 1.5 * nr)))
  const opening = async (): Promise<number> => await metric(service.url, 'taskwire_streams_opening ')
  const open = async (): Promise<number> => await metric(service.url, 'taskwire_streams ')
  // Places, whether or not the streams of them have begun.
  await until(async () => (await open()) + (await opening()) === 0)
  expect(await open()).toBe(0)
  expect(await opening()).toBe(0)
})
