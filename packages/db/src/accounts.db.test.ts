import { randomUUID } from 'node:crypto'
import { afterAll, describe, expect, test } from 'vitest'
import { become, codeOf, connectLogins } from './testing/logins.ts'
import { addUserWithRows, countsOf, ownedTables } from './testing/owned.ts'

const logins = await connectLogins()
const { admin, owner, app, auth } = logins
afterAll(() => logins[Symbol.asyncDispose]())

describe('erasing an account', () => {
  test.each([
    ['by the owner', async (account: string) => await owner`delete from auth.users where id = ${account}`],
    ['by sign-in', async (account: string) => await auth`delete from auth.users where id = ${account}`],
    [
      'by tw.erase_me',
      async (account: string, elsewhere: string) => {
        // Erases the caller's account, whatever space the call acts in.
        await become(logins, account, elsewhere)
        expect(await app`select tw.erase_me() as id`).toEqual([{ id: account }])
      },
    ],
  ])('deletes a thousand rows of each table, and no row of other accounts, %s', async (_how, erase) => {
    const [gone, kept] = [await addUserWithRows(admin, 1000), await addUserWithRows(admin, 2)]
    // Rows that it created in another space belong to that space, and stay.
    await admin`update tw.tasks set user_id = ${gone} where space_id = ${kept}`
    await admin`update tw.changes set actor_user_id = ${gone} where space_id = ${kept}`
    const tables = await ownedTables(admin)
    expect(tables.length).toBeGreaterThanOrEqual(10)
    const before = await countsOf(admin, gone, tables)
    const single = ['auth.password_resets', 'auth.users', 'tw.spaces']
    expect(before).toEqual(Object.fromEntries(tables.map(({ table }) => [table, single.includes(table) ? 1 : 1000])))
    const others = await countsOf(admin, kept, tables)
    await erase(gone, kept)
    expect(await countsOf(admin, gone, tables)).toEqual(Object.fromEntries(tables.map(({ table }) => [table, 0])))
    expect(await countsOf(admin, kept, tables)).toEqual(others)
  })

  test('without a caller erases nothing', async () => {
    const user = await addUserWithRows(admin, 1)
    await become(logins, '')
    expect(await app`select tw.erase_me() as id`).toEqual([{ id: '00000000-0000-0000-0000-000000000000' }])
    expect(await admin`select from auth.users where id = ${user}`).toHaveLength(1)
  })

  test('every new account has a personal space with its id, whichever login creates it', async () => {
    for (const client of [owner, auth]) {
      const id = randomUUID()
      await client`insert into auth.users (id, name, email) values (${id}, 'Somebody', ${`${id}@example.com`})`
      expect(await admin`select id, kind, name, revision::int from tw.spaces where owner_id = ${id}`).toEqual([
        { id, kind: 'personal', name: 'Personal', revision: 0 },
      ])
    }
  })
})

describe('authenticating', () => {
  // An omitted scope must not give access.
  test('a key is refused if the needed scope is empty or unknown', async () => {
    const user = await addUserWithRows(admin, 1)
    for (const scopes of ['{account}', '{tasks:read,tasks:write,account}'])
      await admin`insert into tw.api_keys (user_id, id, name, scopes, secret_hash, created_at) values (${user}, gen_random_uuid(), 'Key', ${scopes}, sha256(${scopes}::bytea), now())`
    const authenticate = async (key: string, need: string | null): Promise<unknown> =>
      await codeOf(app`select tw.authenticate(null, sha256(${key}::bytea), null, ${need})`)
    for (const need of [null, '', 'session', 'admin'])
      expect([need, await authenticate('{tasks:read,tasks:write,account}', need)]).toEqual([need, 'TW403'])
    expect(await authenticate('{account}', 'account')).toBe('no error')
    expect(await authenticate('{account}', 'tasks:read')).toBe('TW403')
    expect(await codeOf(app`select tw.authenticate(null, null, null, 'tasks:read')`)).toBe('TW401')
  })

  test('a mutation id with another payload, or none, is refused', async () => {
    const user = await addUserWithRows(admin, 1)
    await admin`insert into auth.sessions (user_id, token_hash, expires_at) values (${user}, sha256('token'), now() + interval '1 hour')`
    const mutation = randomUUID()
    await admin`insert into tw.mutations (space_id, mutation_id, user_id, payload_hash, revision, at) values (${user}, ${mutation}, ${user}, sha256('payload'), 1, now())`
    const write = async (payload: string | null): Promise<unknown> =>
      await codeOf(
        app`select tw.begin_mutation(null, sha256('token'), null, 'tasks:write', ${mutation}, sha256(${payload}::bytea), 'request')`,
      )
    expect([await write('payload'), await write('other'), await write(null)]).toEqual(['no error', 'TW422', 'TW422'])
  })
})
