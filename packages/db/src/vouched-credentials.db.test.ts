import { createHash, randomUUID } from 'node:crypto'
import type { Sql } from 'postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createClient } from './connection/connect.ts'
import type { Caller, Vouched } from './caller.ts'
import { type Database, openDatabase } from './caller-session.ts'
import { namingCredential, vouchedCredential } from './credentials.ts'
import { query } from './query.ts'
import { createTestDatabase, PATIENT, type TestDatabase } from './testing/index.ts'
import { addServiceKey, addUser, type TestUser } from './testing/users.ts'

let server: TestDatabase
let admin: Sql
let database: Database
let ada: TestUser
beforeAll(async () => {
  server = await createTestDatabase()
  admin = createClient({ address: server.admin, applicationName: 'admin' })
  database = openDatabase({ address: server.app, max: 5, applicationName: 'test', ...PATIENT })
  ada = await addUser(admin)
})
afterAll(async () => {
  await database.end()
  await admin.end()
  await server[Symbol.asyncDispose]()
})

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest()
const verify = query('credentials.verify').with({})
const userOf = async (caller: Caller): Promise<string> =>
  await database.read(caller, 'tasks:read', verify).then(
    ({ caller: { userId } }) => userId,
    (error: { fault?: string }) => String(error.fault),
  )
function vouchedCaller(externalId: string, issuer: Buffer | null = sha256('issuer')): Caller & { vouched: Vouched } {
  const vouched = {
    externalId,
    issuer,
    name: 'Ada',
    email: null,
    timeZone: null,
    expiresAt: Infinity,
    freshUntil: Infinity,
  }
  return { credential: vouchedCredential(vouched), actingAs: null, spaceId: null, vouched }
}
const withoutAccount = ({ vouched: _vouched, ...caller }: Caller & { vouched: Vouched }): Caller => caller

test('only a caller that brings the values of an account gets one created', async () => {
  const caller = vouchedCaller(randomUUID())
  expect(await userOf(withoutAccount(caller))).toBe('identity_unknown')
  const id = await userOf(caller)
  expect(await admin`select id from auth.users where external_id = ${caller.vouched.externalId}`).toEqual([{ id }])
  expect(await userOf(caller)).toBe(id)
  expect(await userOf({ ...caller, spaceId: ada.id })).toBe('space_not_found')
  expect(await userOf({ ...caller, actingAs: id })).toBe('forbidden_acting')
})

test('an issuer does not find the account of another issuer, but the host of this process does', async () => {
  const externalId = randomUUID()
  const id = await userOf(vouchedCaller(externalId))
  expect(await userOf(vouchedCaller(externalId, sha256('another')))).toBe('identity_unknown')
  expect(await userOf(vouchedCaller(externalId, null))).toBe(id)
})

test('a read that began before the account was committed finds it', async () => {
  const caller = vouchedCaller(randomUUID())
  const ids = new Set(await Promise.all(Array.from({ length: 20 }, async () => await userOf(caller))))
  expect(ids.size).toBe(1)
  // A new account is not found by a statement that may have an older snapshot.
  expect(await userOf(withoutAccount(caller))).toBe('identity_unknown')
  await admin`update auth.users set created_at = now() - interval '11 seconds' where external_id = ${caller.vouched.externalId}`
  expect(new Set([await userOf(withoutAccount(caller))])).toEqual(ids)
})

test('no other bytes are accepted as a session, a key or a user', async () => {
  const service = (await addServiceKey(admin, ['tasks:read']))(null)
  const externalId = randomUUID()
  const id = await userOf(vouchedCaller(externalId))
  const named = { ...service, credential: namingCredential(service.credential, externalId) }
  expect(await userOf(named)).toBe(id)
  expect(await userOf({ ...named, actingAs: id })).toBe('forbidden_acting')
  expect(await userOf({ ...ada.caller, credential: namingCredential(ada.caller.credential, externalId) })).toBe(
    'forbidden_acting',
  )
  for (const form of [0, 4, 6, 8, 9, 255])
    for (const hash of [ada.caller.credential, service.credential, sha256('issuer')])
      expect([
        form,
        await userOf({ ...service, credential: Buffer.concat([Uint8Array.of(form), hash, Buffer.from(externalId)]) }),
      ]).toEqual([form, 'unauthenticated'])
  // The hash of a session or of a service key in place of the issuer's, and the issuer's hash in place of a key's.
  for (const hash of [ada.caller.credential, service.credential])
    expect(await userOf(withoutAccount(vouchedCaller(externalId, Buffer.from(hash))))).toBe('identity_unknown')
  expect(await userOf({ ...service, credential: namingCredential(sha256('issuer'), externalId) })).toBe(
    'unauthenticated',
  )
  expect(await userOf({ ...service, credential: sha256('issuer') })).toBe('unauthenticated')
  for (const length of [0, 1, 31, 33])
    expect(await userOf({ ...service, credential: new Uint8Array(length) })).toBe('unauthenticated')
})
