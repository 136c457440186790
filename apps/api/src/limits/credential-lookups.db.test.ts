import { randomBytes } from 'node:crypto'
import { connectOnce } from '@taskwire/db'
import { afterAll, expect, test } from 'vitest'
import { startTestIssuer } from '../testing/issuer.ts'
import { metric, startTestService, until } from '../testing/service.ts'
import { send, type Received } from '../testing/wire.ts'

const issuer = await startTestIssuer()
const service = await startTestService({
  env: { TRUST_PROXY: 'true', RATE_LIMIT_PER_MINUTE: '1200', ...issuer.env },
})
afterAll(async () => {
  await service[Symbol.asyncDispose]()
  await issuer[Symbol.asyncDispose]()
})

const randomCredential = (): string => randomBytes(16).toString('hex')
/** Sends a batch of calls with this credential from this address. */
async function sendCalls(address: string, token: string, count = 1): Promise<Received> {
  const paths = Array.from({ length: count }, () => 'tasks.list').join(',')
  const headers = { authorization: `Bearer ${token}`, 'x-forwarded-for': address }
  return await send(service.url, { path: `/trpc/${paths}?batch=1&input=%7B%7D`, headers })
}
async function sendBadCredentials(address: string): Promise<void> {
  for (let request = 0; request < 24; request++)
    expect(await sendCalls(address, randomCredential(), 50)).toMatchObject({ status: 401 })
}

test('valid credentials from an address that sends many bad ones are still served', async () => {
  const [verified, first, second] = [await service.signUp(), await service.signUp(), await service.signUp()]
  expect(await sendCalls('192.0.2.1', verified.token)).toMatchObject({ status: 200 })
  await sendBadCredentials('192.0.2.1')
  for (const { token } of [verified, first, second])
    expect(await sendCalls('192.0.2.1', token)).toMatchObject({ status: 200 })
  expect(await sendCalls('192.0.2.1', randomCredential())).toMatchObject({ status: 401 })
})

test('unverified credentials of such an address are looked up a few at a time; others do not wait', async () => {
  const [verified, elsewhere] = [await service.signUp(), await service.signUp()]
  expect(await sendCalls('192.0.2.2', verified.token)).toMatchObject({ status: 200 })
  await sendBadCredentials('192.0.2.2')
  await using admin = await connectOnce({ address: service.database.admin, applicationName: 'taskwire-test' })
  const { all } = await admin.sql.begin(async (sql) => {
    // Look-ups of keys wait for the lock; a session is found before keys are read.
    await sql`lock table tw.api_keys in access exclusive mode`
    const all = Array.from({ length: 300 }, async () => await sendCalls('192.0.2.2', randomCredential()))
    await until(async () => (await metric(service.url, 'taskwire_pool_busy')) === 2)
    const refused = await Promise.race(all)
    expect(JSON.parse(refused.text)).toMatchObject([{ error: { data: { appCode: 'OVERLOADED', retryable: true } } }])
    expect(await metric(service.url, 'taskwire_pool_busy')).toBe(2)
    expect(await metric(service.url, 'taskwire_pool_waiting')).toBe(0)
    expect(await sendCalls('192.0.2.2', verified.token)).toMatchObject({ status: 200 })
    expect(await sendCalls('192.0.2.3', elsewhere.token)).toMatchObject({ status: 200 })
    // Wrapped in an object: the driver awaits returned promises before it releases the lock.
    return { all }
  })
  const statuses = (await Promise.all(all)).map(({ status }) => status)
  expect(new Set(statuses)).toEqual(new Set([401, 503]))
  expect(await sendCalls('192.0.2.2', (await service.signUp()).token)).toMatchObject({ status: 200 })
})

test('a credential does not wait for the many look-ups of another address', async () => {
  for (const address of ['192.0.2.4', '192.0.2.5']) await sendBadCredentials(address)
  const { token } = await service.signUp()
  await using admin = await connectOnce({ address: service.database.admin, applicationName: 'taskwire-test' })
  const order: string[] = []
  const { all } = await admin.sql.begin(async (sql) => {
    await sql`lock table tw.api_keys in access exclusive mode`
    const sendInOrder = async (address: string, credential: string): Promise<void> => {
      await sendCalls(address, credential)
      order.push(address)
    }
    const many = Array.from({ length: 100 }, async () => await sendInOrder('192.0.2.4', randomCredential()))
    const inProgress = async (): Promise<number> => await metric(service.url, 'taskwire_requests_in_progress')
    await until(async () => (await inProgress()) >= many.length)
    const all = [...many, sendInOrder('192.0.2.5', token)]
    await until(async () => (await inProgress()) >= all.length)
    return { all }
  })
  await Promise.all(all)
  expect(order.indexOf('192.0.2.5')).toBeLessThan(20)
})

test('tokens that the issuer did not sign count as bad credentials of their address; a remembered token does not wait', async () => {
  await using other = await startTestIssuer()
  const [remembered, fresh] = [await issuer.sign('a'), await issuer.sign('b')]
  expect(await sendCalls('192.0.2.6', remembered)).toMatchObject({ status: 200 })
  const forged = [remembered.replace(/\.[^.]*$/, '.AAAA'), await other.sign('a', { iss: issuer.url })]
  for (let nr = 0; nr < 100; nr++)
    expect(await sendCalls('192.0.2.6', forged[nr % 2] ?? '')).toMatchObject({ status: 401 })
  await using admin = await connectOnce({ address: service.database.admin, applicationName: 'taskwire-test' })
  const { all } = await admin.sql.begin(async (sql) => {
    await sql`lock table tw.api_keys in access exclusive mode`
    const all = Array.from({ length: 300 }, async () => await sendCalls('192.0.2.6', randomCredential()))
    const refused = await Promise.race(all)
    expect(JSON.parse(refused.text)).toMatchObject([
      { error: { message: expect.stringContaining('Too many unknown credentials from this address') } },
    ])
    expect(await sendCalls('192.0.2.6', remembered)).toMatchObject({ status: 200 })
    return { all }
  })
  await Promise.all(all)
  expect(await sendCalls('192.0.2.6', fresh)).toMatchObject({ status: 200 })
})
