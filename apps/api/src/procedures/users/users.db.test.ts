import { randomUUID } from 'node:crypto'
import type { User } from '@taskwire/contract'
import { type Client, createClient } from '@taskwire/client'
import { afterAll, expect, test } from 'vitest'
import { newCaller, refused } from '../../testing/caller.ts'
import { startTestIssuer } from '../../testing/issuer.ts'
import { startTestService } from '../../testing/service.ts'
import { refusalOf, send } from '../../testing/wire.ts'

const issuer = await startTestIssuer()
const service = await startTestService({ env: issuer.env, feedTimes: { pollMs: 50 } })
afterAll(async () => {
  await service[Symbol.asyncDispose]()
  await issuer[Symbol.asyncDispose]()
})
const secret = await service.addServiceKey('users')
const tasksSecret = await service.addServiceKey('tasks:write')
const clientOf = (token: string): Client => createClient({ url: service.url, token, retry: { attempts: 1 } })
const { users } = clientOf(secret)
const create = async (): Promise<User> => await users.create.mutate({ externalId: randomUUID(), name: 'Ada' })

test('users.create makes an account with the given fields, or with defaults', async () => {
  const [externalId, mutationId] = [randomUUID(), randomUUID()]
  const input = { externalId, name: ' Ada ', email: 'Ada@Example.com', timeZone: 'Europe/Berlin' }
  const user = await users.create.mutate({ ...input, mutationId })
  expect(user).toEqual({
    id: expect.any(String),
    externalId,
    name: 'Ada',
    email: 'ada@example.com',
    timeZone: 'Europe/Berlin',
    disabled: false,
    createdAt: expect.any(String),
  })
  // The same call again takes no effect, and returns the same reply.
  expect(await users.create.mutate({ ...input, mutationId })).toEqual(user)
  expect(await refused(users.create.mutate({ ...input, name: 'Other', mutationId }))).toMatchObject({
    appCode: 'MUTATION_ID_REUSED',
  })
  expect(await refused(users.create.mutate(input))).toMatchObject({ appCode: 'ALREADY_EXISTS', current: user })
  expect(await create()).toMatchObject({ email: null, timeZone: 'UTC' })
})

test('concurrent calls create one account, and all calls but one are refused', async () => {
  const externalId = randomUUID()
  const results = await Promise.allSettled(
    Array.from({ length: 10 }, async () => await clientOf(secret).users.create.mutate({ externalId, name: 'x' })),
  )
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  for (const result of results)
    if (result.status === 'rejected') expect(result.reason).toMatchObject({ appCode: 'ALREADY_EXISTS' })
})

test('users.update changes an account by either id, and logs the change without the e-mail address', async () => {
  const { id, externalId } = await create()
  const mutationId = randomUUID()
  const input = { id, changes: { name: 'Eve', email: 'eve@example.com' }, mutationId }
  const user = await users.update.mutate(input)
  expect(user).toMatchObject({ id, name: 'Eve', email: 'eve@example.com', timeZone: 'UTC' })
  expect(await users.update.mutate(input)).toEqual(user)
  expect(
    await users.update.mutate({ externalId: externalId ?? '', changes: { timeZone: 'Asia/Tokyo' } }),
  ).toMatchObject({ id, name: 'Eve', timeZone: 'Asia/Tokyo' })
  // Changing nothing takes no revision.
  await users.update.mutate({ id, changes: { disabled: false } })
  const as = createClient({ url: service.url, token: tasksSecret, actingAs: id })
  const { changes } = await as.changes.list.query({ after: 0 })
  expect(changes.map(({ before, after }) => [before, after])).toEqual([
    [{ name: 'Ada' }, { name: 'Eve' }],
    [{ timeZone: 'UTC' }, { timeZone: 'Asia/Tokyo' }],
  ])
  expect(changes[0]).toMatchObject({ entity: 'account', entityId: id, action: 'update', actor: { kind: 'service' } })
})

test('two accounts that signed up cannot have the same e-mail address, but other accounts can have it too', async () => {
  const [ada, ben] = [await service.signUp(), await service.signUp()]
  expect(await refused(users.update.mutate({ id: ada.id, changes: { email: ben.email } }))).toMatchObject({
    appCode: 'ALREADY_EXISTS',
  })
  expect(await users.update.mutate({ id: (await create()).id, changes: { email: ben.email } })).toMatchObject({
    email: ben.email,
  })
})

test('users.delete erases an account and all its data', async () => {
  const { id, externalId } = await create()
  const as = createClient({ url: service.url, token: tasksSecret, actingAs: id, retry: { attempts: 1 } })
  await as.tasks.create.mutate({ title: 'x' })
  expect(await users.delete.mutate({ externalId: externalId ?? '' })).toEqual({ id })
  expect(await service.admin('select from tw.spaces where id = $1', [id])).toEqual([])
  expect(await refused(as.tasks.list.query({}))).toMatchObject({ appCode: 'USER_UNKNOWN' })
  for (const call of [
    async () => await users.delete.mutate({ id }),
    async () => await users.delete.mutate({ externalId: externalId ?? '' }),
    async () => await users.update.mutate({ id, changes: { disabled: true } }),
  ])
    expect(await refused(call())).toMatchObject({
      appCode: 'USER_UNKNOWN',
      message: 'There is no account with this id or externalId.',
    })
})

test('users.list returns each account once', async () => {
  const created = [await create(), await create(), await create()]
  const all: User[] = []
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page = await users.list.query({ limit: 2, cursor })
    all.push(...page.items)
    cursor = page.nextCursor
  }
  expect(new Set(all.map(({ id }) => id)).size).toBe(all.length)
  expect(all.filter(({ id }) => created.some((user) => user.id === id))).toEqual(created)
  expect(await service.admin('select count(*)::int as count from auth.users')).toEqual([{ count: all.length }])
})

test('only a service key with the scope users may call, without a header that names a user or a space', async () => {
  const { client, user } = await newCaller(service)
  const { secret: key } = await client.keys.create.mutate({
    name: 'k',
    scopes: ['tasks:read', 'tasks:write', 'account'],
  })
  const target = await create()
  const inputs = {
    'users.create': { externalId: randomUUID(), name: 'x' },
    'users.update': { id: target.id, changes: { name: 'x' } },
    'users.delete': { externalId: target.externalId },
    'users.list': undefined,
  }
  const needsKey = expect.stringContaining('needs a service key with the scope users')
  const unknownKey = `tw_service_${'x'.repeat(43)}`
  const bearer = (given: string) => ({ authorization: `Bearer ${given}` })
  for (const [path, input] of Object.entries(inputs)) {
    const call = async (headers: Record<string, string>) =>
      refusalOf(
        await send(service.url, {
          method: input === undefined ? 'GET' : 'POST',
          path: `/trpc/${path}`,
          headers: { ...headers, 'content-type': 'application/json' },
          ...(input === undefined ? {} : { body: JSON.stringify(input) }),
        }),
      )
    for (const headers of [
      bearer(user.token),
      bearer(key),
      bearer(tasksSecret),
      bearer(await issuer.sign(randomUUID())),
    ])
      expect([path, await call(headers)]).toEqual([
        path,
        expect.objectContaining({ appCode: 'FORBIDDEN', message: needsKey }),
      ])
    for (const header of [
      { 'x-taskwire-user': user.id },
      { 'x-taskwire-user': target.id },
      { 'x-taskwire-user': randomUUID() },
      { 'x-taskwire-external-user': target.externalId ?? '' },
      { 'x-taskwire-external-user': '' },
      { 'x-taskwire-space': target.id },
    ])
      expect([path, header, await call({ ...bearer(secret), ...header })]).toEqual([
        path,
        header,
        expect.objectContaining({ appCode: 'FORBIDDEN', message: expect.stringContaining('without a header') }),
      ])
    for (const headers of [{}, bearer(unknownKey), { ...bearer(unknownKey), 'x-taskwire-user': user.id }])
      expect([path, await call(headers)]).toEqual([path, expect.objectContaining({ appCode: 'UNAUTHENTICATED' })])
  }
  expect(await users.list.query({ limit: 100 })).toMatchObject({ items: expect.arrayContaining([target]) })
  // The key may call nothing else.
  expect(
    await refused(createClient({ url: service.url, token: secret, actingAs: user.id }).tasks.list.query({})),
  ).toMatchObject({ appCode: 'FORBIDDEN' })
})

test('a service key may name its user by the external id; naming the user by both ids is refused', async () => {
  const externalId = `ünï|${randomUUID()} 100%`
  const { id } = await users.create.mutate({ externalId, name: 'x' })
  const call = async (headers: Record<string, string>) =>
    await send(service.url, {
      path: '/trpc/tasks.list',
      headers: { authorization: `Bearer ${tasksSecret}`, ...headers },
    })
  const external = (value: string) => ({ 'x-taskwire-external-user': value })
  expect(await call(external(encodeURIComponent(externalId)))).toMatchObject({ status: 200 })
  const plain = randomUUID()
  await users.create.mutate({ externalId: `auth0|${plain}`, name: 'x' })
  expect(await call(external(`auth0|${plain}`))).toMatchObject({ status: 200 })
  for (const value of ['', 'unknown', id, '%', '%00', '%ff', 'x'.repeat(201), `auth0|${plain}, auth0|${plain}`])
    expect([value, refusalOf(await call(external(value))).appCode]).toEqual([value, 'USER_UNKNOWN'])
  expect(refusalOf(await call({ ...external(encodeURIComponent(externalId)), 'x-taskwire-user': id })).appCode).toBe(
    'FORBIDDEN',
  )
  const { token } = await service.signUp()
  for (const bearer of [token, await issuer.sign(randomUUID())])
    expect(
      refusalOf(await call({ authorization: `Bearer ${bearer}`, ...external(encodeURIComponent(externalId)) })).appCode,
    ).toBe('FORBIDDEN')
})

test('two external ids never become one: what is not in NFC or has blanks at its ends names no account', async () => {
  const externalId = `jos\u00e9|${randomUUID()}`
  await users.create.mutate({ externalId, name: 'x' })
  for (const twin of [externalId.normalize('NFD'), ` ${externalId}`, `${externalId}\u00a0`, `\ufeff${externalId}`]) {
    const call = await send(service.url, {
      path: '/trpc/tasks.list',
      headers: { authorization: `Bearer ${tasksSecret}`, 'x-taskwire-external-user': encodeURIComponent(twin) },
    })
    expect([twin, refusalOf(call).appCode]).toEqual([twin, 'USER_UNKNOWN'])
    const refusals = [
      users.create.mutate({ externalId: twin, name: 'x' }),
      users.update.mutate({ externalId: twin, changes: { disabled: true } }),
      users.delete.mutate({ externalId: twin }),
    ].map(async (reply) => await refused(reply))
    for (const refusal of await Promise.all(refusals)) expect(refusal).toMatchObject({ appCode: 'VALIDATION' })
  }
})

test('a header that is repeated, or not in visible ASCII, names no account', async () => {
  const end = randomUUID()
  const ids = [`a, ${end}`, `jos\u00c3\u00a9|${end}`, `jos\u00e9|${end}`]
  for (const externalId of ids) await users.create.mutate({ externalId, name: 'x' })
  const call = async (value: string | string[]) =>
    await send(service.url, {
      path: '/trpc/tasks.list',
      headers: { authorization: `Bearer ${tasksSecret}`, 'x-taskwire-external-user': value },
    })
  // Node joins repeated headers with a comma and a blank, and reads the bytes of UTF-8 as Latin-1.
  for (const value of [['a', end], ...ids]) expect(refusalOf(await call(value)).appCode).toBe('USER_UNKNOWN')
  for (const id of ids) expect(await call(encodeURIComponent(id))).toMatchObject({ status: 200 })
})
