import { randomBytes } from 'node:crypto'
import { connectOnce } from '@taskwire/db'
import { afterAll, expect, test } from 'vitest'
import { metric, startTestService, until } from '../testing/service.ts'
import { send, type Received } from '../testing/wire.ts'

const service = await startTestService({ env: { TRUST_PROXY: 'true', RATE_LIMIT_PER_MINUTE: '1200' } })
afterAll(() => service[Symbol.asyncDispose]())

const madeUp = (): string => randomBytes(16).toString('hex')
/** A batch of so many calls by this credential, from this address. */
async function calls(address: string, token: string, count = 1): Promise<Received> {
  const paths = Array.from({ length: count }, () => 'tasks.list').join(',')
  const headers = { authorization: `Bearer ${token}`, 'x-forwarded-for': address }
  return await send(service.url, { path: `/trpc/${paths}?batch=1&input=%7B%7D`, headers })
}
async function sendBadOnes(address: string): Promise<void> {
  for (let request = 0; request < 24; request++)
    expect(await calls(address, madeUp(), 50)).toMatchObject({ status: 401 })
}

test('an address that sends many bad credentials is served all the same where it sends a good one', async () => {
  const [seen, unseen, key] = [await service.signUp(), await service.signUp(), await service.signUp()]
  expect(await calls('192.0.2.1', seen.token)).toMatchObject({ status: 200 })
  await sendBadOnes('192.0.2.1')
  for (const { token } of [seen, unseen, key]) expect(await calls('192.0.2.1', token)).toMatchObject({ status: 200 })
  expect(await calls('192.0.2.1', madeUp())).toMatchObject({ status: 401 })
})

test('its unseen ones are looked up a few at a time, and so many wait; the others do not', async () => {
  const [seen, elsewhere] = [await service.signUp(), await service.signUp()]
  expect(await calls('192.0.2.2', seen.token)).toMatchObject({ status: 200 })
  await sendBadOnes('192.0.2.2')
  await using admin = await connectOnce({ address: service.database.admin, applicationName: 'taskwire-test' })
  const { all } = await admin.sql.begin(async (sql) => {
    // A look-up among the keys waits; a session is found before that.
    await sql`lock table tw.api_keys in access exclusive mode`
    const all = Array.from({ length: 300 }, async () => await calls('192.0.2.2', madeUp()))
    await until(async () => (await metric(service.url, 'taskwire_pool_busy')) === 2)
    const refused = await Promise.race(all)
    expect(JSON.parse(refused.text)).toMatchObject([{ error: { data: { appCode: 'OVERLOADED', retryable: true } } }])
    expect(await metric(service.url, 'taskwire_pool_busy')).toBe(2)
    expect(await metric(service.url, 'taskwire_pool_waiting')).toBe(0)
    expect(await calls('192.0.2.2', seen.token)).toMatchObject({ status: 200 })
    expect(await calls('192.0.2.3', elsewhere.token)).toMatchObject({ status: 200 })
    // In an object, since the driver would wait for them before it unlocks.
    return { all }
  })
  const statuses = (await Promise.all(all)).map(({ status }) => status)
  expect(new Set(statuses)).toEqual(new Set([401, 503]))
  expect(await calls('192.0.2.2', (await service.signUp()).token)).toMatchObject({ status: 200 })
})

test('none waits for the many of another address', async () => {
  for (const address of ['192.0.2.4', '192.0.2.5']) await sendBadOnes(address)
  const { token } = await service.signUp()
  await using admin = await connectOnce({ address: service.database.admin, applicationName: 'taskwire-test' })
  const order: string[] = []
  const { all } = await admin.sql.begin(async (sql) => {
    await sql`lock table tw.api_keys in access exclusive mode`
    const ask = async (address: string, credential: string): Promise<void> => {
      await calls(address, credential)
      order.push(address)
    }
    const many = Array.from({ length: 100 }, async () => await ask('192.0.2.4', madeUp()))
    await until(async () => (await metric(service.url, 'taskwire_pool_busy')) === 2)
    // All of them are in the queue once a later request has been answered.
    await send(service.url, { path: '/health/live' })
    const all = [...many, ask('192.0.2.5', token)]
    await send(service.url, { path: '/health/live' })
    return { all }
  })
  await Promise.all(all)
  expect(order.indexOf('192.0.2.5')).toBeLessThan(20)
})
