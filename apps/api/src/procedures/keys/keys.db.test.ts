import { createHash, randomUUID } from 'node:crypto'
import { afterAll, expect, test } from 'vitest'
import { type Caller, changesAfter, headOf, newCaller, refused } from '../../testing/caller.ts'
import { startTestService } from '../../testing/service.ts'

const service = await startTestService()
afterAll(() => service[Symbol.asyncDispose]())

const bearer = (secret: string): Record<string, string> => ({ authorization: `Bearer ${secret}` })
/** Calls with a key's secret; returns the appCode, or OK. */
async function outcome(caller: Caller, secret: string, path = 'lists.list', input: unknown = {}): Promise<string> {
  const { error } = await caller.call(path, input, bearer(secret))
  return error?.data.appCode ?? 'OK'
}

test('a key is returned with its secret once; the database has only the hash', async () => {
  const caller = await newCaller(service)
  const { client } = caller
  const expiresAt = '2099-01-01T01:00:00+01:00'
  const { key, secret } = await client.keys.create.mutate({
    name: ' CI ',
    scopes: ['tasks:read', 'account'],
    expiresAt,
  })
  expect(key).toMatchObject({ name: 'CI', scopes: ['tasks:read', 'account'], expiresAt: '2099-01-01T00:00:00.000Z' })
  expect((await client.keys.list.query({})).items).toEqual([key])
  expect((await client.me.export.query()).keys).toEqual([key])
  const hash = createHash('sha256').update(secret).digest('hex')
  const [row] = await service.admin(`select encode(secret_hash, 'hex') as hash from tw.api_keys where id = $1`, [
    key.id,
  ])
  expect(row).toEqual({ hash })
  expect(await readEveryRow()).not.toContain(secret)
  expect(service.log.join()).not.toContain(secret)
})

test('creating and revoking a key is logged, without its secret and its hash', async () => {
  const caller = await newCaller(service)
  const { client } = caller
  const [creationId, revocationId] = [randomUUID(), randomUUID()]
  const { key, secret } = await client.keys.create.mutate({ name: 'CI', scopes: ['account'], mutationId: creationId })
  await caller.call('keys.revoke', { id: key.id, mutationId: revocationId }, bearer(secret))
  const [created, deleted, ...others] = await changesAfter(caller, 0)
  expect(others).toEqual([])
  const ofKey = { entity: 'key', entityId: key.id }
  expect(created).toMatchObject({
    ...ofKey,
    revision: 1,
    commit: 1,
    action: 'create',
    before: null,
    mutationId: creationId,
  })
  expect(created?.after).toEqual(key)
  expect(created?.at).toBe(key.createdAt)
  expect(deleted).toMatchObject({
    ...ofKey,
    revision: 2,
    commit: 2,
    action: 'delete',
    after: null,
    mutationId: revocationId,
  })
  expect(deleted?.before).toEqual(key)
  // The key has revoked itself.
  expect([created?.actor, deleted?.actor]).toEqual([
    { kind: 'user', userId: caller.user.id, keyId: null },
    { kind: 'key', userId: caller.user.id, keyId: key.id },
  ])
  const [logged] = await service.admin(
    `select string_agg(c::text, ' ') as text from tw.changes c where c.space_id = $1`,
    [caller.user.id],
  )
  expect(logged?.['text']).not.toContain(secret)
  expect(logged?.['text']).not.toContain(createHash('sha256').update(secret).digest('hex'))
})

test('a key that is bound to a space acts only there, with and without the header', async () => {
  const [caller, other] = [await newCaller(service), await newCaller(service)]
  const { client, user } = caller
  const bound = await client.keys.create.mutate({ name: 'bound', scopes: ['tasks:write'], spaceId: user.id })
  expect(bound.key.spaceId).toBe(user.id)
  const free = await client.keys.create.mutate({ name: 'free', scopes: ['tasks:write'], spaceId: null })
  expect(free.key.spaceId).toBeNull()
  expect((await client.keys.list.query({})).items).toEqual([free.key, bound.key])
  const created = await caller.call('tasks.create', { title: 'x' }, bearer(bound.secret))
  expect(created.result?.data).toMatchObject({ spaceId: user.id })
  const elsewhere = { ...bearer(bound.secret), 'x-taskwire-space': other.user.id }
  expect((await caller.call('lists.list', {}, elsewhere)).error?.data.appCode).toBe('NOT_FOUND')
})

test('a key cannot be bound to a space of another user, and a bound key cannot have the scope account', async () => {
  const [caller, other] = [await newCaller(service), await newCaller(service)]
  const texts = new Set<string>()
  for (const spaceId of [randomUUID(), other.user.id]) {
    const { error, text } = await caller.call(
      'keys.create',
      { name: 'key', scopes: ['tasks:read'], spaceId },
      { 'x-request-id': 'the-same' },
    )
    expect(error?.data).toMatchObject({ appCode: 'NOT_FOUND', fields: [{ path: 'spaceId' }] })
    texts.add(text)
  }
  expect(texts.size).toBe(1)
  const both = { name: 'key', scopes: ['tasks:read', 'account'], spaceId: caller.user.id }
  expect((await caller.call('keys.create', both)).error?.data).toMatchObject({
    appCode: 'VALIDATION',
    fields: [{ path: 'scopes' }],
  })
  expect(await headOf(caller)).toBe(0)
})

/** Returns every row of the database as text. */
async function readEveryRow(): Promise<string> {
  const tables = await service.admin(
    `select schemaname || '.' || tablename as name from pg_tables where schemaname in ('tw', 'auth')`,
  )
  const rows = await Promise.all(
    tables.map(
      async ({ name }) =>
        await service.admin(`select t::text, encode(t::text::bytea, 'escape') as raw from ${String(name)} t`),
    ),
  )
  return JSON.stringify(rows)
}

test('every key has a different secret, and a replay does not return the secret again', async () => {
  const { client } = await newCaller(service)
  const creation = { name: 'key', scopes: ['tasks:read'] as const, mutationId: randomUUID() }
  const [first, second] = [
    await client.keys.create.mutate({ ...creation, scopes: ['tasks:read'] }),
    await client.keys.create.mutate({ name: 'key', scopes: ['tasks:read'] }),
  ]
  expect(first.secret).not.toBe(second.secret)
  const repeat = await refused(client.keys.create.mutate({ ...creation, scopes: ['tasks:read'] }))
  expect(repeat).toMatchObject({ appCode: 'MUTATION_APPLIED', httpStatus: 409, retryable: false, revision: 1 })
  expect((await client.keys.list.query({})).items).toHaveLength(2)
  const other = client.keys.create.mutate({ ...creation, scopes: ['tasks:write'] })
  expect(await refused(other)).toMatchObject({ appCode: 'MUTATION_ID_REUSED' })
})

test('a revoked key is refused from the next call on, and a replay takes no revision', async () => {
  const caller = await newCaller(service)
  const { key, secret } = await caller.client.keys.create.mutate({ name: 'key', scopes: ['tasks:write'] })
  expect(await outcome(caller, secret)).toBe('OK')
  const revocation = { id: key.id, mutationId: randomUUID() }
  expect(await caller.client.keys.revoke.mutate(revocation)).toEqual({ id: key.id })
  expect(await outcome(caller, secret)).toBe('UNAUTHENTICATED')
  expect(await outcome(caller, secret, 'tasks.create', { title: 'x' })).toBe('UNAUTHENTICATED')
  expect(await caller.client.keys.revoke.mutate(revocation)).toEqual({ id: key.id })
  expect(await headOf(caller)).toBe(2)
  expect(await refused(caller.client.keys.revoke.mutate({ id: key.id }))).toMatchObject({ appCode: 'NOT_FOUND' })
  expect((await caller.client.keys.list.query({})).items).toEqual([])
})

test('a key that has revoked itself cannot replay the revocation', async () => {
  const caller = await newCaller(service)
  const { key, secret } = await caller.client.keys.create.mutate({ name: 'key', scopes: ['account'] })
  const revocation = { id: key.id, mutationId: randomUUID() }
  expect(await outcome(caller, secret, 'keys.revoke', revocation)).toBe('OK')
  expect(await outcome(caller, secret, 'keys.revoke', revocation)).toBe('UNAUTHENTICATED')
  // Another credential of the user can.
  expect(await caller.client.keys.revoke.mutate(revocation)).toEqual({ id: key.id })
})

test('another user’s key is NOT_FOUND, with the same reply as an unknown key', async () => {
  const [one, two] = [await newCaller(service), await newCaller(service)]
  const { key, secret } = await one.client.keys.create.mutate({ name: 'key', scopes: ['tasks:read'] })
  const requestId = { 'x-request-id': 'the-same' }
  const theirs = await two.call('keys.revoke', { id: key.id }, requestId)
  const unknown = await two.call('keys.revoke', { id: randomUUID() }, requestId)
  expect(theirs.error?.data.appCode).toBe('NOT_FOUND')
  expect(theirs.text).toBe(unknown.text)
  expect(await outcome(one, secret)).toBe('OK')
})

test('a key is refused once it has expired, and is still listed', async () => {
  const caller = await newCaller(service)
  const { key, secret } = await caller.client.keys.create.mutate({
    name: 'key',
    scopes: ['tasks:read', 'account'],
    expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
  })
  expect(await outcome(caller, secret)).toBe('OK')
  await service.admin('update tw.api_keys set expires_at = now() where id = $1', [key.id])
  expect(await outcome(caller, secret)).toBe('UNAUTHENTICATED')
  expect((await caller.client.keys.list.query({})).items).toHaveLength(1)
})

test.each([
  ['an expiry in the past', { name: 'k', scopes: ['account'], expiresAt: '2020-01-01T00:00:00Z' }, 'expiresAt'],
  ['no scope', { name: 'k', scopes: [] }, 'scopes'],
  ['an unknown scope', { name: 'k', scopes: ['admin'] }, 'scopes.0'],
  ['a scope twice', { name: 'k', scopes: ['account', 'account'] }, 'scopes'],
  ['no name', { name: ' ', scopes: ['account'] }, 'name'],
  ['a long name', { name: 'x'.repeat(101), scopes: ['account'] }, 'name'],
])('a key with %s is refused', async (_what, input, path) => {
  const caller = await newCaller(service)
  const { error } = await caller.call('keys.create', input)
  expect(error?.data).toMatchObject({ appCode: 'VALIDATION', fields: [{ path }] })
})

test('pages contain every key once, newest first', async () => {
  const { client } = await newCaller(service)
  for (let n = 0; n < 5; n++) await client.keys.create.mutate({ name: `key ${n}`, scopes: ['account'] })
  // With equal times keys are ordered by id, and a newer key has a greater id (UUID v7).
  await service.admin('update tw.api_keys set created_at = now()')
  const names: string[] = []
  let cursor: string | undefined
  do {
    const page = await client.keys.list.query({ limit: 2, cursor })
    names.push(...page.items.map(({ name }) => name))
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
  expect(names).toEqual(['key 4', 'key 3', 'key 2', 'key 1', 'key 0'])
})

test('a key acts for its owner, and for no other user', async () => {
  const [one, two] = [await newCaller(service), await newCaller(service)]
  const { secret } = await one.client.keys.create.mutate({ name: 'key', scopes: ['tasks:write'] })
  const created = await two.call('tasks.create', { title: 'by the key' }, bearer(secret))
  expect(created.result?.data).toMatchObject({ userId: one.user.id })
  for (const user of [two.user.id, one.user.id])
    expect(
      (await two.call('lists.list', {}, { ...bearer(secret), 'x-taskwire-user': user })).error?.data,
    ).toMatchObject({
      appCode: 'FORBIDDEN',
    })
})
