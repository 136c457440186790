import { expect, test } from 'vitest'
import { startTestService } from '../testing/service.ts'
import { send } from '../testing/wire.ts'

/** The address that the log has for a request with this header. */
async function addressBehind(env: Record<string, string>, forwarded: string): Promise<unknown> {
  await using service = await startTestService({ env })
  await send(service.url, { path: '/nothing', headers: { 'x-forwarded-for': forwarded, 'x-request-id': 'here' } })
  const line = service.log.map((text) => JSON.parse(text) as { requestId?: string; from?: string })
  return line.find(({ requestId }) => requestId === 'here')?.from
}

test('who calls is who connects', async () => {
  expect(await addressBehind({}, '203.0.113.9')).toBe('127.0.0.1')
})

test('behind a balancer it is who connects to that, whatever a caller claims', async () => {
  const env = { TRUST_PROXY: 'true' }
  expect(await addressBehind(env, '203.0.113.9')).toBe('203.0.113.9')
  expect(await addressBehind(env, '203.0.113.9:51234')).toBe('203.0.113.9')
  expect(await addressBehind(env, '10.0.0.1, 198.51.100.7, 203.0.113.9')).toBe('203.0.113.9')
})
