import { expect, test } from 'vitest'
import { startTestService } from '../testing/service.ts'
import { send } from '../testing/wire.ts'

/** Returns the logged address of a request with this header. */
async function loggedAddress(env: Record<string, string>, forwarded: string): Promise<unknown> {
  await using service = await startTestService({ env })
  await send(service.url, { path: '/nothing', headers: { 'x-forwarded-for': forwarded, 'x-request-id': 'here' } })
  const line = service.log.map((text) => JSON.parse(text) as { requestId?: string; from?: string })
  return line.find(({ requestId }) => requestId === 'here')?.from
}

test('the logged IP address is the address of the connection', async () => {
  expect(await loggedAddress({}, '203.0.113.9')).toBe('127.0.0.1')
})

test('with TRUST_PROXY the logged IP address is the last one in X-Forwarded-For, and earlier ones are ignored', async () => {
  const env = { TRUST_PROXY: 'true' }
  expect(await loggedAddress(env, '203.0.113.9')).toBe('203.0.113.9')
  expect(await loggedAddress(env, '203.0.113.9:51234')).toBe('203.0.113.9')
  expect(await loggedAddress(env, '10.0.0.1, 198.51.100.7, 203.0.113.9')).toBe('203.0.113.9')
})
