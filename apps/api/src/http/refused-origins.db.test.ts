import { afterAll, expect, test } from 'vitest'
import { startTestService } from '../testing/service.ts'
import { send, type Sent } from '../testing/wire.ts'

const APP = 'https://app.example.com'
const OWN = 'https://tasks.example.com'
const service = await startTestService({ env: { PUBLIC_URL: OWN, ALLOWED_ORIGINS: APP, LOG_LEVEL: 'warn' } })
afterAll(() => service[Symbol.asyncDispose]())
const { cookie } = await service.signUp()

async function warningsOf(...requests: Sent[]): Promise<string[]> {
  const from = service.log.length
  for (const request of requests) await send(service.url, request)
  return service.log.slice(from).map((line) => (JSON.parse(line) as { msg: string }).msg)
}

const call = (origin: string): Sent => ({ path: '/trpc/lists.list', headers: { origin, cookie } })
const preflight = (origin: string): Sent => ({
  method: 'OPTIONS',
  path: '/trpc/tasks.create',
  headers: { origin, 'access-control-request-method': 'POST' },
})
const signIn = (origin: string): Sent => ({
  method: 'POST',
  path: '/auth/sign-in/email',
  headers: { origin, 'content-type': 'application/json' },
  body: '{}',
})

test.each([
  ['a call', call],
  ['a preflight', preflight],
  ['a sign-in', signIn],
])('%s of a page that is refused is logged once, with the setting to change', async (what, request) => {
  const origin = `https://${what.replace(' ', '-')}.example.net`
  expect(await warningsOf(request(origin), request(origin), preflight(origin))).toEqual([
    `Pages of ${origin} are refused. If they are yours, add this origin to ALLOWED_ORIGINS.`,
  ])
})

test('allowed pages, programs and texts that are not origins are not logged', async () => {
  const odd = ['null', 'https://', `https://${'a'.repeat(300)}.example`, 'https://a.example/path', 'file://', 'evil']
  const requests = [APP, OWN, ...odd].flatMap((origin) => [call(origin), preflight(origin)])
  expect(await warningsOf(...requests, { path: '/trpc/lists.list', headers: { cookie } })).toEqual([])
})

test('at most a hundred origins are logged', async () => {
  const warnings = await warningsOf(...Array.from({ length: 150 }, (_, n) => preflight(`http://localhost:${n + 1000}`)))
  expect(warnings.length).toBeLessThanOrEqual(100)
  expect(warnings.length).toBeGreaterThan(90)
  expect(warnings.at(-1)).toMatch(/add this origin to ALLOWED_ORIGINS; further origins are not logged\.$/)
  expect(await warningsOf(call('https://another.example.net'))).toEqual([])
})
