import { randomUUID } from 'node:crypto'
import { createClient } from '@taskwire/client'
import { createTestDatabase } from '@taskwire/db/testing'
import { afterAll, expect, test } from 'vitest'
import { refused } from '../testing/caller.ts'
import { startTestIssuer } from '../testing/issuer.ts'
import { startTestService } from '../testing/service.ts'

const issuer = await startTestIssuer()
const other = await startTestIssuer()
const database = await createTestDatabase()
const service = await startTestService({ database, env: issuer.env })
afterAll(async () => {
  await service[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
  await issuer[Symbol.asyncDispose]()
  await other[Symbol.asyncDispose]()
})

const clientOf = (token: string, { url } = service) => createClient({ url, token, retry: { attempts: 1 } })

test('the first call of a user creates the account, and later calls use it', async () => {
  const subject = randomUUID()
  const claims = { name: 'Ada', email: 'ada@example.com', zoneinfo: 'Europe/Berlin' }
  const { me } = clientOf(await issuer.sign(subject, claims))
  const account = await me.get.query()
  expect(account).toMatchObject({
    externalId: subject,
    name: 'Ada',
    email: 'ada@example.com',
    timeZone: 'Europe/Berlin',
  })
  // Another token of the user, with other claims: only issuer and subject count.
  expect(await clientOf(await issuer.sign(subject, { name: 'Eve' })).me.get.query()).toEqual(account)
})

test.each(['query', 'mutation'])('concurrent first calls create one account (%s)', async (kind) => {
  const subject = randomUUID()
  const calls = Array.from({ length: 20 }, async () => {
    const client = clientOf(await issuer.sign(subject))
    return kind === 'query'
      ? (await client.me.get.query()).id
      : (await client.tasks.create.mutate({ title: 'x' })).userId
  })
  const ids = new Set(await Promise.all(calls))
  expect(await service.admin('select id from auth.users where external_id = $1', [subject])).toEqual(
    [...ids].map((id) => ({ id })),
  )
})

test('an account created by a token and one that signed up stay separate, even with the same e-mail address', async () => {
  const { email, password, id } = await service.signUp()
  const own = await clientOf(await issuer.sign(randomUUID(), { email })).me.get.query()
  expect(own).toMatchObject({ email })
  expect(own.id).not.toBe(id)
  // Nobody can sign in by the e-mail address of an account created by a token, but anyone can sign up with it.
  const post = async (path: string, body: object) =>
    await fetch(`${service.url}/auth/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  const address = `${randomUUID()}@example.com`
  await clientOf(await issuer.sign(randomUUID(), { email: address })).me.get.query()
  expect((await post('sign-in/email', { email: address, password })).status).toBe(401)
  expect((await post('sign-up/email', { email: address, password, name: 'x' })).status).toBe(200)
  const session = (await (await post('sign-in/email', { email, password })).json()) as { user: { id: string } }
  expect(session.user.id).toBe(id)
})

test('an account belongs to the first issuer whose token names it, even if it was created in advance', async () => {
  await using second = await startTestService({ database, env: other.env })
  const subject = randomUUID()
  const account = await clientOf(await issuer.sign(subject)).me.get.query()
  const foreign = clientOf(await other.sign(subject), second)
  for (const call of [() => foreign.me.get.query(), () => foreign.tasks.create.mutate({ title: 'x' })])
    expect(await refused(call())).toMatchObject({ appCode: 'UNAUTHENTICATED' })
  expect(await service.admin('select id from auth.users where external_id = $1', [subject])).toEqual([
    { id: account.id },
  ])
  const [prepared, id] = [randomUUID(), randomUUID()]
  await service.admin(`insert into auth.users (id, name, external_id) values ($1, 'Prepared', $2)`, [id, prepared])
  expect(await clientOf(await other.sign(prepared), second).me.get.query()).toMatchObject({ id, name: 'Prepared' })
  expect(await refused(clientOf(await issuer.sign(prepared)).me.get.query())).toMatchObject({
    appCode: 'UNAUTHENTICATED',
  })
})

test('with AUTH_PASSWORD=off nobody signs up or in with a password, and no reply reveals which accounts exist', async () => {
  const { email, password, token } = await service.signUp()
  await using closed = await startTestService({ database, env: { ...issuer.env, AUTH_PASSWORD: 'off' } })
  const replies = new Set<string>()
  for (const address of [email, `${randomUUID()}@example.com`])
    for (const [path, body] of [
      ['sign-up/email', { email: address, password, name: 'x' }],
      ['sign-in/email', { email: address, password }],
      ['change-password', { currentPassword: password, newPassword: 'another password' }],
      ['reset-password', { token: 'x', password }],
    ] as const)
      replies.add(
        await (
          await fetch(`${closed.url}/auth/${path}`, {
            method: 'POST',
            headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
            body: JSON.stringify(body),
          })
        ).text(),
      )
  expect([...replies]).toEqual([expect.stringContaining('"FORBIDDEN"')])
  await clientOf(await issuer.sign(randomUUID()), closed).tasks.list.query({})
  // Existing sessions stay valid, and can be ended.
  await clientOf(token, closed).tasks.list.query({})
  expect(
    (await fetch(`${closed.url}/auth/sign-out`, { method: 'POST', headers: { authorization: `Bearer ${token}` } }))
      .status,
  ).toBe(200)
})
