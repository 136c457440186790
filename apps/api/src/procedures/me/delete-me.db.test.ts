import { randomUUID } from 'node:crypto'
import { signIn } from '@taskwire/client'
import { connectOnce } from '@taskwire/db'
import { afterAll, expect, test } from 'vitest'
import { type Caller, newCaller, refused } from '../../testing/caller.ts'
import { startTestService } from '../../testing/service.ts'

const service = await startTestService()
afterAll(() => service[Symbol.asyncDispose]())

/** How many rows of each table hold any of these, wherever in the row. */
async function rowsWith(...marks: string[]): Promise<Record<string, number>> {
  const tables = await service.admin(
    `select schemaname || '.' || tablename as name from pg_tables where schemaname in ('tw', 'auth') order by 1`,
  )
  const counts: Record<string, number> = {}
  for (const { name } of tables) {
    const [row] = await service.admin(
      `select count(*)::int as n from ${String(name)} t where exists (select from unnest(string_to_array($1, ' ')) mark where t::text like '%' || mark || '%')`,
      [marks.join(' ')],
    )
    counts[String(name)] = Number(row?.['n'])
  }
  return counts
}

/** Somebody with something in every table that is not the sign-in's for others. */
async function full(): Promise<Caller & { mark: string; secret: string }> {
  const caller = await newCaller(service)
  const { client } = caller
  const mark = `mark${randomUUID()}`
  const list = await client.lists.create.mutate({ name: mark })
  const { id } = await client.tasks.create.mutate({ title: mark, listId: list.id, mutationId: randomUUID() })
  await client.tasks.update.mutate({ id, changes: { description: mark, tags: [mark.slice(0, 40)] } })
  await client.me.update.mutate({ name: mark })
  const { secret } = await client.keys.create.mutate({ name: mark, scopes: ['tasks:write'] })
  await signIn({ url: service.url, email: caller.user.email, password: caller.user.password })
  return { ...caller, mark, secret }
}

test('deleting the account erases every row of it, in every table, and nobody else’s', async () => {
  const [gone, stays] = [await full(), await full()]
  const before = await rowsWith(gone.user.id, gone.mark, gone.user.email)
  for (const [table, count] of Object.entries(before))
    // Tries with a password are counted under hashes, which say nothing of whose they are.
    if (!['tw.service_keys', 'auth.password_resets', 'auth.tries'].includes(table))
      expect([table, count > 0]).toEqual([table, true])
  const kept = await rowsWith(stays.user.id, stays.mark, stays.user.email)

  expect(await gone.client.me.delete.mutate({})).toEqual({ id: gone.user.id })

  const after = await rowsWith(gone.user.id, gone.mark, gone.user.email)
  expect(after).toEqual(Object.fromEntries(Object.keys(after).map((table) => [table, 0])))
  expect(await rowsWith(stays.user.id, stays.mark, stays.user.email)).toEqual(kept)
})

test('its sessions and keys end with it, and its password', async () => {
  const { client, call, user, secret } = await full()
  const other = await signIn({ url: service.url, email: user.email, password: user.password })
  await client.me.delete.mutate({})
  for (const credential of [user.token, other.token, secret])
    for (const path of ['lists.list', 'me.delete'])
      expect((await call(path, {}, { authorization: `Bearer ${credential}` })).error?.data.appCode).toBe(
        'UNAUTHENTICATED',
      )
  await expect(signIn({ url: service.url, email: user.email, password: user.password })).rejects.toMatchObject({
    status: 401,
  })
})

test('a repeat of the deletion meets UNAUTHENTICATED', async () => {
  const { call } = await full()
  const deletion = { mutationId: randomUUID() }
  expect((await call('me.delete', deletion)).error).toBeUndefined()
  expect((await call('me.delete', deletion)).error?.data.appCode).toBe('UNAUTHENTICATED')
})

test('a service’s key no longer finds the user', async () => {
  const { client, call, user } = await full()
  const secret = await service.addServiceKey('tasks:read')
  const headers = { authorization: `Bearer ${secret}`, 'x-taskwire-user': user.id }
  expect((await call('lists.list', {}, headers)).error).toBeUndefined()
  await client.me.delete.mutate({})
  expect((await call('lists.list', {}, headers)).error?.data.appCode).toBe('USER_UNKNOWN')
})

test('the address is free for a new account, which has nothing of the old one', async () => {
  const { client, user } = await full()
  await client.me.delete.mutate({})
  const response = await fetch(`${service.url}/auth/sign-up/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: user.email, password: 'another password', name: 'New' }),
  })
  const { token, user: created } = (await response.json()) as { token: string; user: { id: string } }
  expect(created.id).not.toBe(user.id)
  const { call } = await newCaller(service)
  const { result } = await call('me.export', {}, { authorization: `Bearer ${token}` })
  expect(result?.data).toMatchObject({ lists: [], tasks: [], changes: [], keys: [], revision: 0 })
})

test('a mutation that waits for it finds nobody', async () => {
  const { client, user } = await full()
  // A second process of the service: it knows nothing of the first one's turns.
  await using other = await startTestService({ database: service.database })
  const held = await connectOnce({ address: service.database.admin, applicationName: 'taskwire-test' })
  const [deleted, created] = await held.sql.begin(async (sql) => {
    await sql`select from tw.spaces where id = ${user.id} for update`
    const deletion = client.me.delete.mutate({})
    await untilWaiting(1)
    const creation = fetch(`${other.url}/trpc/tasks.create`, {
      method: 'POST',
      headers: { authorization: `Bearer ${user.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ title: 'late' }),
    })
    await untilWaiting(2)
    return [{ deletion }, { creation }]
  })
  await held[Symbol.asyncDispose]()
  expect(await deleted.deletion).toEqual({ id: user.id })
  expect((await created.creation).status).toBe(401)
})

/** Until so many connections of this database wait for a lock. */
async function untilWaiting(count: number): Promise<void> {
  for (;;) {
    const [row] = await service.admin(
      `select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    )
    if (Number(row?.['n']) >= count) return
  }
}

test('what is not allowed to erase does not', async () => {
  const { client, call, secret } = await full()
  expect((await call('me.delete', {}, { authorization: `Bearer ${secret}` })).error?.data.appCode).toBe('FORBIDDEN')
  expect((await call('me.delete', undefined)).error?.data.appCode).toBe('VALIDATION')
  expect(await refused(client.me.delete.mutate({ sure: true } as object))).toMatchObject({ appCode: 'VALIDATION' })
  expect((await client.tasks.list.query({})).items).toHaveLength(1)
})
