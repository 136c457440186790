import { randomUUID } from 'node:crypto'
import { signIn } from '@taskwire/client'
import { connectOnce } from '@taskwire/db'
import { afterAll, expect, test } from 'vitest'
import { type Caller, newCaller, refused } from '../../testing/caller.ts'
import { startTestService } from '../../testing/service.ts'

const service = await startTestService()
afterAll(() => service[Symbol.asyncDispose]())

/** Counts, by table, the rows that contain any of these texts. */
async function countRowsWith(...marks: string[]): Promise<Record<string, number>> {
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

/** Creates a user who has a row in every table with rows of users. */
async function createFullUser(): Promise<Caller & { mark: string; secret: string }> {
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

test('deleting an account deletes all its rows in every table, and no row of another user', async () => {
  const [deleted, stays] = [await createFullUser(), await createFullUser()]
  const before = await countRowsWith(deleted.user.id, deleted.mark, deleted.user.email)
  for (const [table, count] of Object.entries(before))
    // Sign-in attempts are stored by hashes, in which no text of the user appears.
    if (!['tw.service_keys', 'auth.password_resets', 'auth.sign_in_attempts'].includes(table))
      expect([table, count > 0]).toEqual([table, true])
  const kept = await countRowsWith(stays.user.id, stays.mark, stays.user.email)

  expect(await deleted.client.me.delete.mutate({})).toEqual({ id: deleted.user.id })

  const after = await countRowsWith(deleted.user.id, deleted.mark, deleted.user.email)
  expect(after).toEqual(Object.fromEntries(Object.keys(after).map((table) => [table, 0])))
  expect(await countRowsWith(stays.user.id, stays.mark, stays.user.email)).toEqual(kept)
})

test('the sessions, keys and password of a deleted account are refused', async () => {
  const { client, call, user, secret } = await createFullUser()
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

test('a replay of the deletion is refused with UNAUTHENTICATED', async () => {
  const { call } = await createFullUser()
  const deletion = { mutationId: randomUUID() }
  expect((await call('me.delete', deletion)).error).toBeUndefined()
  expect((await call('me.delete', deletion)).error?.data.appCode).toBe('UNAUTHENTICATED')
})

test('a service key cannot act for a deleted user', async () => {
  const { client, call, user } = await createFullUser()
  const secret = await service.addServiceKey('tasks:read')
  const headers = { authorization: `Bearer ${secret}`, 'x-taskwire-user': user.id }
  expect((await call('lists.list', {}, headers)).error).toBeUndefined()
  await client.me.delete.mutate({})
  expect((await call('lists.list', {}, headers)).error?.data.appCode).toBe('USER_UNKNOWN')
})

test('the e-mail address can sign up again, to an empty account', async () => {
  const { client, user } = await createFullUser()
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

test('a mutation that waits for the deletion is refused', async () => {
  const { client, user } = await createFullUser()
  // A second instance of the service, which does not share the first one's wait queue.
  await using other = await startTestService({ database: service.database })
  const locking = await connectOnce({ address: service.database.admin, applicationName: 'taskwire-test' })
  const [deleted, created] = await locking.sql.begin(async (sql) => {
    await sql`select from tw.spaces where id = ${user.id} for update`
    const deletion = client.me.delete.mutate({})
    await untilLocked(1)
    const creation = fetch(`${other.url}/trpc/tasks.create`, {
      method: 'POST',
      headers: { authorization: `Bearer ${user.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ title: 'late' }),
    })
    await untilLocked(2)
    return [{ deletion }, { creation }]
  })
  await locking[Symbol.asyncDispose]()
  expect(await deleted.deletion).toEqual({ id: user.id })
  expect((await created.creation).status).toBe(401)
})

/** Waits until this many connections of the database wait for a lock. */
async function untilLocked(count: number): Promise<void> {
  for (;;) {
    const [row] = await service.admin(
      `select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    )
    if (Number(row?.['n']) >= count) return
  }
}

test('a key and an invalid input cannot delete the account', async () => {
  const { client, call, secret } = await createFullUser()
  expect((await call('me.delete', {}, { authorization: `Bearer ${secret}` })).error?.data.appCode).toBe('FORBIDDEN')
  expect((await call('me.delete', undefined)).error?.data.appCode).toBe('VALIDATION')
  expect(await refused(client.me.delete.mutate({ sure: true } as object))).toMatchObject({ appCode: 'VALIDATION' })
  expect((await client.tasks.list.query({})).items).toHaveLength(1)
})
