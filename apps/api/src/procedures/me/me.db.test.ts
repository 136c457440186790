import { randomUUID } from 'node:crypto'
import { CONTRACT_HASH, CONTRACT_VERSION } from '@taskwire/contract'
import { afterAll, expect, test } from 'vitest'
import { changesAfter, headOf, newCaller, refused } from '../../testing/caller.ts'
import { startTestService } from '../../testing/service.ts'

const service = await startTestService()
afterAll(() => service[Symbol.asyncDispose]())

test('the account has the values of the sign-up', async () => {
  const { client, user } = await newCaller(service)
  expect(await client.me.get.query()).toMatchObject({
    id: user.id,
    email: user.email,
    name: 'Somebody',
    timeZone: 'UTC',
  })
})

test('name and time zone can be updated together or alone', async () => {
  const caller = await newCaller(service)
  const { client } = caller
  const account = await client.me.get.query()
  const both = { ...account, name: 'Zoë', timeZone: 'Europe/Berlin' }
  expect(await client.me.update.mutate({ name: ' Zoe\u0308 ', timeZone: 'Europe/Berlin' })).toEqual(both)
  expect(await client.me.get.query()).toEqual(both)
  expect(await client.me.update.mutate({ name: 'Y' })).toEqual({ ...both, name: 'Y' })
  expect(await client.me.update.mutate({ timeZone: 'Asia/Tokyo' })).toEqual({
    ...both,
    name: 'Y',
    timeZone: 'Asia/Tokyo',
  })
})

test('the fields that change are logged, without the e-mail address; an update that changes nothing takes no revision', async () => {
  const caller = await newCaller(service)
  const { client, user } = caller
  const mutationId = randomUUID()
  await client.me.update.mutate({ name: 'Somebody', timeZone: 'UTC' })
  await client.me.update.mutate({ name: 'Zoë', mutationId })
  await client.me.update.mutate({ name: 'Zoë', timeZone: 'Asia/Tokyo' })
  const changes = await changesAfter(caller, 0)
  const ofUpdate = { action: 'update', entity: 'account', entityId: user.id }
  const actor = { kind: 'user', userId: user.id, keyId: null }
  expect(changes).toMatchObject([
    { ...ofUpdate, revision: 1, commit: 1, mutationId, actor },
    { ...ofUpdate, revision: 2, commit: 2, actor },
  ])
  expect(changes.map(({ before, after }) => [before, after])).toEqual([
    [{ name: 'Somebody' }, { name: 'Zoë' }],
    [{ timeZone: 'UTC' }, { timeZone: 'Asia/Tokyo' }],
  ])
  expect(await headOf(caller)).toBe(2)
  expect(JSON.stringify(changes)).not.toContain(user.email)
})

test('changes of the account and its keys are logged in the personal space, whatever space the call names', async () => {
  const [caller, other] = [await newCaller(service), await newCaller(service)]
  const elsewhere = { 'x-taskwire-space': other.user.id }
  await caller.call('me.update', { name: 'Zoë' }, elsewhere)
  await caller.call('keys.create', { name: 'k', scopes: ['account'] }, elsewhere)
  const [key] = (await caller.client.keys.list.query({})).items
  await caller.call('keys.revoke', { id: key?.id }, elsewhere)
  expect((await changesAfter(caller, 0)).map(({ action, entity }) => `${action} ${entity}`)).toEqual([
    'update account',
    'create key',
    'delete key',
  ])
  expect(await headOf(other)).toBe(0)
})

test('a commit of the account or of a key is not revertible', async () => {
  const caller = await newCaller(service)
  const { client } = caller
  await client.me.update.mutate({ name: 'Zoë' })
  const { key } = await client.keys.create.mutate({ name: 'k', scopes: ['account'] })
  await client.keys.revoke.mutate({ id: key.id })
  for (const revision of [1, 2, 3])
    expect(await refused(client.changes.revert.mutate({ revision }))).toMatchObject({ appCode: 'NOT_REVERTIBLE' })
  expect(await headOf(caller)).toBe(3)
})

test('an update with the same mutation id takes effect once', async () => {
  const { client } = await newCaller(service)
  const update = { name: 'first', mutationId: randomUUID() }
  const first = await client.me.update.mutate(update)
  await client.me.update.mutate({ name: 'second' })
  expect(await client.me.update.mutate(update)).toEqual(first)
  expect((await client.me.get.query()).name).toBe('second')
  expect(await refused(client.me.update.mutate({ ...update, name: 'third' }))).toMatchObject({
    appCode: 'MUTATION_ID_REUSED',
  })
})

test.each([
  ['no field', {}, ''],
  ['an unknown zone', { timeZone: 'Mars/Olympus' }, 'timeZone'],
  ['an offset', { timeZone: '+02:00' }, 'timeZone'],
  ['an empty name', { name: '' }, 'name'],
  ['a long name', { name: 'x'.repeat(101) }, 'name'],
  ['a line break', { name: 'a\nb' }, 'name'],
  ['another e-mail address', { name: 'A', email: 'a@example.com' }, 'email'],
])('an update with %s is refused', async (_what, input, path) => {
  const caller = await newCaller(service)
  expect((await caller.call('me.update', input)).error?.data).toMatchObject({
    appCode: 'VALIDATION',
    fields: [{ path }],
  })
})

test('overdue is counted in the account’s time zone', async () => {
  const { client } = await newCaller(service)
  // Yesterday in Kiritimati is today in Niue, which is 25 hours behind.
  const yesterday = new Date(Date.now() + 14 * 3_600_000 - 24 * 3_600_000).toISOString().slice(0, 10)
  await client.tasks.create.mutate({ title: 'a', due: { date: yesterday } })
  await client.me.update.mutate({ timeZone: 'Pacific/Kiritimati' })
  expect((await client.tasks.count.query({})).overdue).toBe(1)
  await client.me.update.mutate({ timeZone: 'Pacific/Niue' })
  expect((await client.tasks.count.query({})).overdue).toBe(0)
  expect((await client.tasks.count.query({ timeZone: 'Pacific/Kiritimati' })).overdue).toBe(1)
})

test('the export contains all of the user’s data, as queries return it', async () => {
  const caller = await newCaller(service)
  const { client } = caller
  const empty = await client.me.export.query()
  const account = await client.me.get.query()
  expect(empty).toEqual({ account, lists: [], tasks: [], changes: [], keys: [], revision: 0, nextCursor: null })

  const list = await client.lists.create.mutate({ name: 'List' })
  const task = await client.tasks.create.mutate({
    title: 'a',
    listId: list.id,
    tags: ['t'],
    due: { date: '2027-01-01' },
  })
  const { id } = await client.tasks.create.mutate({ title: 'b' })
  const trashed = await client.tasks.delete.mutate({ id })
  const { key } = await client.keys.create.mutate({ name: 'k', scopes: ['account'] })
  await client.me.update.mutate({ name: 'Zoë' })
  const other = await newCaller(service)
  await other.client.tasks.create.mutate({ title: 'another’s' })
  expect(await client.me.export.query()).toEqual({
    account: { ...account, name: 'Zoë' },
    lists: [list],
    tasks: [task, trashed],
    changes: await changesAfter(caller, 0),
    keys: [key],
    revision: 6,
    nextCursor: null,
  })
})

test('system.health and system.contract need no credential', async () => {
  const { call } = await newCaller(service)
  for (const authorization of ['', 'Bearer nobody', 'Basic eA==']) {
    expect((await call('system.health', undefined, { authorization })).result?.data).toEqual({
      status: 'ok',
      version: CONTRACT_VERSION,
    })
    expect((await call('system.contract', {}, { authorization })).result?.data).toMatchObject({
      version: CONTRACT_VERSION,
      hash: CONTRACT_HASH,
    })
  }
})
