import { randomUUID } from 'node:crypto'
import { type Client, createClient } from '@taskwire/client'
import { afterAll, expect, test } from 'vitest'
import { newCaller } from '../../testing/caller.ts'
import { startTestIssuer } from '../../testing/issuer.ts'
import { startTestService } from '../../testing/service.ts'
import { openRawStream } from '../../testing/streams.ts'
import { send } from '../../testing/wire.ts'

const issuer = await startTestIssuer()
const service = await startTestService({ env: issuer.env, feedTimes: { pollMs: 50 } })
afterAll(async () => {
  await service[Symbol.asyncDispose]()
  await issuer[Symbol.asyncDispose]()
})
const tasksSecret = await service.addServiceKey('tasks:write')
const clientOf = (token: string): Client => createClient({ url: service.url, token, retry: { attempts: 1 } })
const { users } = clientOf(await service.addServiceKey('users'))

test('from the next call on, every credential of a disabled account is refused, and its streams end', async () => {
  const { user, client } = await newCaller(service)
  const externalId = randomUUID()
  const token = await issuer.sign(externalId)
  const own = await clientOf(token).me.get.query()
  const { secret: key } = await client.keys.create.mutate({ name: 'k', scopes: ['tasks:write', 'account'] })
  const bearer = (given: string) => ({ authorization: `Bearer ${given}` })
  const credentials = [
    bearer(user.token),
    { cookie: user.cookie },
    bearer(key),
    { ...bearer(tasksSecret), 'x-taskwire-user': user.id },
    bearer(token),
    { ...bearer(tasksSecret), 'x-taskwire-external-user': externalId },
  ]
  const statuses = async () =>
    await Promise.all(
      credentials.map(async (headers) => (await send(service.url, { path: '/trpc/tasks.list', headers })).status),
    )
  expect(await statuses()).toEqual(credentials.map(() => 200))
  const streams = await Promise.all(credentials.map(async (headers) => await openRawStream(service.url, headers)))
  for (const stream of streams) await stream.next('message')

  for (const { id } of [user, own])
    expect(await users.update.mutate({ id, changes: { disabled: true } })).toMatchObject({ disabled: true })
  expect(await statuses()).toEqual(credentials.map(() => 401))
  for (const stream of streams) {
    const { data } = await stream.next('serialized-error')
    expect(data).toMatchObject({ data: { appCode: 'UNAUTHENTICATED' } })
    stream[Symbol.dispose]()
  }
  for (const headers of credentials)
    for (const path of ['tasks.create', 'me.update', 'keys.create', 'me.delete'])
      expect(
        await send(service.url, {
          method: 'POST',
          path: `/trpc/${path}`,
          headers: { ...headers, 'content-type': 'application/json' },
          body: JSON.stringify(
            {
              'tasks.create': { title: 'x' },
              'me.update': { name: 'x' },
              'keys.create': { name: 'x', scopes: ['account'] },
              'me.delete': {},
            }[path],
          ),
        }),
      ).toMatchObject({ status: 401 })

  await users.update.mutate({ id: user.id, changes: { disabled: false } })
  await users.update.mutate({ externalId, changes: { disabled: false } })
  expect(await statuses()).toEqual(credentials.map(() => 200))
})

test('a disabled account cannot sign in, and gets the same reply as an unknown one', async () => {
  const { email, password, id, token } = await service.signUp()
  const post = async (path: string, body: object) => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
    const reply = await send(service.url, {
      method: 'POST',
      path: `/auth/${path}`,
      headers,
      body: JSON.stringify(body),
    })
    return [reply.status, reply.text]
  }
  await users.update.mutate({ id, changes: { disabled: true } })
  const signIn = async (address: string) => await post('sign-in/email', { email: address, password })
  const unknown = await signIn(`${randomUUID()}@example.com`)
  expect(await signIn(email)).toEqual(unknown)
  expect(unknown).toEqual([401, expect.any(String)])
  const change = { currentPassword: password, newPassword: 'another password' }
  expect(await post('change-password', change)).toEqual([401, expect.any(String)])
  expect(
    (await send(service.url, { path: '/auth/get-session', headers: { authorization: `Bearer ${token}` } })).text,
  ).toBe('null')
  await users.update.mutate({ id, changes: { disabled: false } })
  expect((await signIn(email))[0]).toBe(200)
})
