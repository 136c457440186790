import { request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { newCaller } from '../testing/caller.ts'
import { startTestService } from '../testing/service.ts'
import { metric, until } from '../testing/metrics.ts'

const service = await startTestService()
afterAll(() => service[Symbol.asyncDispose]())

/** Requests a stream, and hangs up after this time, whether or not the request was sent. */
async function openAndHangUp(token: string, afterMs: number): Promise<void> {
  const options = { headers: { authorization: `Bearer ${token}` }, agent: false }
  const stream = request(`${service.url}/trpc/changes.subscribe`, options)
  stream.on('error', () => {}).on('response', (response) => response.on('error', () => {}).resume())
  stream.end()
  await pause(afterMs)
  stream.destroy()
}

test('no stream stays counted after its reader hangs up, at whatever moment of its opening', async () => {
  const { user } = await newCaller(service)
  // Twenty at once: some wait for the read limit, some for the database, and some are open.
  for (let burst = 0; burst < 30; burst++)
    await Promise.all(Array.from({ length: 20 }, async (_, nr) => await openAndHangUp(user.token, 1.5 * nr)))
  const opening = async (): Promise<number> => await metric(service.url, 'taskwire_streams_opening ')
  const open = async (): Promise<number> => await metric(service.url, 'taskwire_streams ')
  // Waits until no stream is open or opening.
  await until(async () => (await open()) + (await opening()) === 0)
  expect(await open()).toBe(0)
  expect(await opening()).toBe(0)
})
