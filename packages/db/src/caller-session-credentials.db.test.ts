import { randomUUID } from 'node:crypto'
import { afterAll, describe, expect, test } from 'vitest'
import type { Caller } from './caller.ts'
import type { Database } from './caller-session.ts'
import { doAnything, newList } from './testing/mutations.ts'
import {
  addKey,
  addServiceKey,
  addSpace,
  addUser,
  durable,
  newMutation,
  type TestUser,
  stranger,
} from './testing/users.ts'
import { read } from './testing/read.ts'
import { everything, startProxiedServer, unrecorded, write } from './testing/proxied-server.ts'

const NOBODY = '00000000-0000-0000-0000-000000000000'

const proxied = await startProxiedServer()
const { admin, ada, ben, open } = proxied
afterAll(() => proxied[Symbol.asyncDispose]())

const callerOf = async (database: Database, caller: Caller, need: string) =>
  (await read(database, caller, need, everything)).caller
const refused = async (call: Promise<unknown>) =>
  await call.then(
    () => 'let in',
    (error) => error.fault,
  )

describe('credentials', () => {
  test('a session may do anything until it ends', async () => {
    await using database = open()
    for (const need of ['tasks:read', 'tasks:write', 'account', 'account tasks:read', 'session'])
      expect(await callerOf(database, ada.caller, need)).toEqual({
        userId: ada.id,
        spaceId: ada.id,
        expiresAt: expect.any(String),
      })
    const past = await addUser(admin, { sessionMs: -1000 })
    expect(await refused(callerOf(database, past.caller, 'tasks:read'))).toBe('unauthenticated')
    expect(await refused(write(database, past.caller))).toBe('unauthenticated')
    await admin`delete from auth.sessions where user_id = ${past.id}`
    expect(await refused(callerOf(database, past.caller, 'tasks:read'))).toBe('unauthenticated')
  })

  test.each([
    { scopes: ['tasks:read'], may: ['tasks:read'] },
    { scopes: ['tasks:write'], may: ['tasks:read', 'tasks:write'] },
    { scopes: ['account'], may: ['account'] },
    { scopes: ['tasks:read', 'account'], may: ['tasks:read', 'account', 'account tasks:read'] },
    { scopes: ['tasks:write', 'account'], may: ['tasks:read', 'tasks:write', 'account', 'account tasks:read'] },
  ])('a key with $scopes may do what they allow', async ({ scopes, may }) => {
    await using database = open()
    const key = await addKey(admin, ada, scopes, 60_000)
    for (const need of ['tasks:read', 'tasks:write', 'account', 'account tasks:read', 'session']) {
      const expected = may.includes(need) ? 'let in' : 'forbidden_scope'
      expect([need, await refused(callerOf(database, key, need))]).toEqual([need, expected])
      const writing = write(database, key, unrecorded(), doAnything('select 1', need))
      expect([need, await refused(writing)]).toEqual([need, expected])
    }
  })

  test('an expired key is unauthenticated', async () => {
    await using database = open()
    const key = await addKey(admin, ada, ['tasks:write'], -1000)
    expect(await refused(callerOf(database, key, 'tasks:read'))).toBe('unauthenticated')
    expect(await refused(write(database, key))).toBe('unauthenticated')
    expect(await callerOf(database, await addKey(admin, ada, ['tasks:write']), 'tasks:read')).toEqual({
      userId: ada.id,
      spaceId: ada.id,
      expiresAt: null,
    })
  })

  test('a service key acts for an account that exists, within its scopes', async () => {
    await using database = open()
    const service = await addServiceKey(admin, ['tasks:write'])
    await write(database, ben.caller)
    expect((await callerOf(database, service(ben.id), 'tasks:read')).userId).toBe(ben.id)
    const { rows } = await read(database, service(ben.id), 'tasks:read', everything)
    expect(new Set(rows.map((row) => row['space_id']))).toEqual(new Set([ben.id]))
    await write(database, service(ben.id))
    for (const [nobody, fault] of [
      [null, 'forbidden_acting'],
      [randomUUID(), 'user_unknown'],
    ] as const) {
      expect(await refused(callerOf(database, service(nobody), 'tasks:read'))).toBe(fault)
      expect(await refused(write(database, service(nobody)))).toBe(fault)
    }
    for (const need of ['account', 'account tasks:read', 'session'])
      expect(await refused(callerOf(database, service(ben.id), need))).toBe('forbidden_scope')
    const ended = await addServiceKey(admin, ['tasks:write'], -1000)
    expect(await refused(callerOf(database, ended(ben.id), 'tasks:read'))).toBe('unauthenticated')
  })

  test('only a service key may name a user to act for', async () => {
    await using database = open()
    const key = await addKey(admin, ada, ['tasks:write'])
    for (const caller of [ada.caller, key])
      for (const actingAs of [ben.id, ada.id]) {
        expect(await refused(callerOf(database, { ...caller, actingAs }, 'tasks:read'))).toBe('forbidden_acting')
        expect(await refused(write(database, { ...caller, actingAs }))).toBe('forbidden_acting')
      }
  })
})

describe('spaces', () => {
  /** A caller of each kind, all with the same account. */
  async function callersOf(person: TestUser): Promise<Caller[]> {
    const service = await addServiceKey(admin, ['tasks:write'])
    return [person.caller, await addKey(admin, person, ['tasks:write']), service(person.id)]
  }

  test('a call acts in the caller’s personal space, whether it names it or not', async () => {
    await using database = open()
    for (const caller of await callersOf(ada))
      for (const spaceId of [null, ada.id]) {
        const inSpace = { ...caller, spaceId }
        expect(await callerOf(database, inSpace, 'tasks:read')).toMatchObject({ userId: ada.id, spaceId: ada.id })
        const mutation = newMutation()
        expect((await write(database, inSpace, mutation)).caller).toMatchObject({ userId: ada.id, spaceId: ada.id })
        expect(await durable(admin, ada)).toContain(mutation.id)
      }
  })

  test('another user’s space and one that does not exist are refused in the same way, and nothing is written', async () => {
    await using database = open()
    const before = [await durable(admin, ada), await durable(admin, ben)]
    for (const caller of await callersOf(ada)) {
      const errors: unknown[] = []
      for (const spaceId of [ben.id, randomUUID(), NOBODY]) {
        const elsewhere = { ...caller, spaceId }
        for (const call of [callerOf(database, elsewhere, 'tasks:read'), write(database, elsewhere)])
          errors.push(await call.catch((error: unknown) => error))
      }
      for (const error of errors) expect(error).toMatchObject({ fault: 'space_not_found' })
      expect(new Set(errors.map(String)).size).toBe(1)
    }
    expect([await durable(admin, ada), await durable(admin, ben)]).toEqual(before)
  })

  test('the space is checked after the credential and its scope', async () => {
    await using database = open()
    const reads = await addKey(admin, ada, ['tasks:read'])
    for (const spaceId of [ada.id, ben.id, randomUUID()]) {
      expect(await refused(callerOf(database, { ...stranger(), spaceId }, 'tasks:read'))).toBe('unauthenticated')
      expect(await refused(write(database, { ...reads, spaceId }))).toBe('forbidden_scope')
    }
  })

  test('in another space of the account a call reads and writes that space’s rows', async () => {
    await using database = open()
    const spaceId = await addSpace(admin, ada)
    const before = await durable(admin, ada)
    for (const caller of await callersOf(ada)) {
      const [mutation, name] = [newMutation(), randomUUID()]
      const list = newList(name)
      const inSpace = { ...caller, spaceId }
      const written = await write(database, inSpace, mutation, list)
      expect(written.caller).toMatchObject({ userId: ada.id, spaceId })
      expect((await write(database, inSpace, mutation, list)).replayed).toBe(true)
      const { rows } = await read(database, inSpace, 'tasks:read', everything)
      expect(rows).toContainEqual({ space_id: spaceId, name })
      expect(new Set(rows.map((row) => row['space_id']))).toEqual(new Set([spaceId]))
    }
    expect(await durable(admin, ada)).toEqual(before)
    expect(await refused(write(database, { ...ben.caller, spaceId }))).toBe('space_not_found')
  })

  test('a key limited to a space acts there by default, and is refused elsewhere', async () => {
    await using database = open()
    const home = await addSpace(admin, ada)
    const bound = await addKey(admin, ada, ['tasks:write'], null, home)
    for (const spaceId of [null, home]) {
      const found = { userId: ada.id, spaceId: home }
      expect(await callerOf(database, { ...bound, spaceId }, 'tasks:read')).toMatchObject(found)
      expect((await write(database, { ...bound, spaceId })).caller).toMatchObject(found)
    }
    // A key limited to a space of which its owner is not a member acts nowhere, not even in its owner's space.
    const lost = await addKey(admin, ada, ['tasks:write'], null, ben.id)
    for (const [key, spaces] of [
      [bound, [ada.id, await addSpace(admin, ada), ben.id, randomUUID()]],
      [lost, [null, ben.id, ada.id, randomUUID()]],
    ] as const)
      for (const spaceId of spaces) {
        expect(await refused(callerOf(database, { ...key, spaceId }, 'tasks:read'))).toBe('space_not_found')
        expect(await refused(write(database, { ...key, spaceId }))).toBe('space_not_found')
      }
  })
})
