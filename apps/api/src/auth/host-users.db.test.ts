import { randomUUID } from 'node:crypto'
import { createClient } from '@taskwire/client'
import { createTestDatabase } from '@taskwire/db/testing'
import { afterAll, expect, test } from 'vitest'
import { startTestIssuer } from '../testing/issuer.ts'
import { startTestService } from '../testing/service.ts'
import { refusalOf, send } from '../testing/wire.ts'
import { vouchedUser, type Voucher } from './vouched-user.ts'

/** Vouches for the user that a cookie of the host names, as the plugin does. */
const host: Voucher = {
  isAmbient: true,
  userOf: ({ headers }) => {
    const [, externalId] = /host=(\S+)/.exec(headers.cookie ?? '') ?? []
    if (externalId === 'broken') throw new Error('The sign-in of the host failed')
    return externalId === undefined ? undefined : vouchedUser({ externalId, name: 'Of the host' })
  },
}
const database = await createTestDatabase()
const service = await startTestService({
  database,
  voucher: host,
  env: { ALLOWED_ORIGINS: 'https://app.example.com' },
})
afterAll(async () => {
  await service[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
})
const get = async (headers: Record<string, string>) => await send(service.url, { path: '/trpc/me.get', headers })
const accountOf = (text: string) => (JSON.parse(text) as { result: { data: { id: string } } }).result.data

test('a user for whom the host vouches gets an account at the first call', async () => {
  const externalId = randomUUID()
  const { status, text } = await get({ cookie: `host=${externalId}` })
  expect([status, accountOf(text)]).toEqual([200, expect.objectContaining({ externalId, name: 'Of the host' })])
  expect(await get({ cookie: `host=${externalId}` })).toMatchObject({ text })
})

test('a page of another origin may not call with the cookie of the host, which browsers add', async () => {
  const cookie = `host=${randomUUID()}`
  for (const headers of [{ origin: 'https://evil.example.com' }, { 'sec-fetch-site': 'cross-site' }])
    expect(refusalOf(await get({ cookie, ...headers })).appCode).toBe('FORBIDDEN')
  expect(refusalOf(await get({ cookie, origin: 'https://evil.example.com' })).message).toBe(
    'A page of https://evil.example.com may not call with the cookie; add the origin to ALLOWED_ORIGINS. A proxy that forwards calls of pages to this server has to keep their Host header.',
  )
  expect(await get({ cookie, origin: 'https://app.example.com' })).toMatchObject({ status: 200 })
})

test('a session token takes precedence over the user of the host; without either there is no caller', async () => {
  const { token, id } = await service.signUp()
  const { text } = await get({ cookie: `host=${randomUUID()}`, authorization: `Bearer ${token}` })
  expect(accountOf(text).id).toBe(id)
  expect(refusalOf(await get({})).appCode).toBe('UNAUTHENTICATED')
  expect(refusalOf(await get({ cookie: 'host=broken' })).appCode).toBe('UNAUTHENTICATED')
})

test('a user of the host and a token of an issuer with the same external id have one account', async () => {
  await using issuer = await startTestIssuer()
  await using other = await startTestService({ database, env: issuer.env })
  const externalId = randomUUID()
  const { text } = await get({ cookie: `host=${externalId}` })
  const client = createClient({ url: other.url, token: await issuer.sign(externalId) })
  expect(await client.me.get.query()).toEqual(accountOf(text))
  expect(await get({ cookie: `host=${externalId}` })).toMatchObject({ text })
})
