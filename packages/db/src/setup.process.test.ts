import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type EmbeddedDatabase, startEmbeddedDatabase } from '@taskwire/embedded-db'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Address, parseAddress } from './connection/address.ts'
import { connectOnce } from './connection/connect.ts'
import { migrate } from './migrate.ts'
import { migrationsDirectory, readMigrations } from './migration-files.ts'
import { LOGINS, type Login, setUpRoles } from './setup.ts'

// Roles and passwords belong to the cluster, so these tests need a cluster of their own without roles.
let directory: string
let server: EmbeddedDatabase
let admin: Address
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'taskwire-setup-'))
  const binDirectory = process.env['TASKWIRE_TEST_PG_BIN']
  server = await startEmbeddedDatabase({
    directory,
    durable: false,
    ...(binDirectory === undefined ? {} : { binDirectory }),
  })
  admin = parseAddress('the embedded database', server.adminUrl)
})
afterAll(async () => {
  await server.stop()
  await rm(directory, { recursive: true })
})

const passwords = (suffix: string): Record<Login, string> => ({
  taskwire_owner: `owner ${suffix}`,
  taskwire_app: `app ${suffix}`,
  taskwire_auth: `auth ${suffix}`,
})
async function loginOf(address: Address): Promise<unknown> {
  await using connection = await connectOnce({ address, applicationName: 'test' })
  const [row] = await connection.sql`select current_user as login`
  return row?.['login']
}

test('migrating before the set-up fails with a message that says what to do', async () => {
  await using connection = await connectOnce({ address: admin, applicationName: 'test' })
  await connection.sql`create role taskwire_owner login password 'alone'`
  await expect(migrate({ address: { ...admin, user: 'taskwire_owner', password: 'alone' } })).rejects.toThrow(
    /has no role taskwire_app, taskwire_auth, taskwire_backup, taskwire_definer: run npm run db:setup with the address of an administrator\.$/,
  )
  await connection.sql`drop role taskwire_owner`
})

test('concurrent set-ups, in one database and in others, all succeed', async () => {
  await using connection = await connectOnce({ address: admin, applicationName: 'test' })
  const names = ['one', 'it"s two', 'Three']
  for (const name of names) await connection.sql`create database ${connection.sql(name)}`
  const databases = [admin.database, admin.database, ...names]
  await Promise.all(
    databases.map(async (database) => {
      await setUpRoles({ admin: { ...admin, database }, passwords: passwords('first') })
    }),
  )
  for (const database of databases)
    for (const login of LOGINS)
      expect(await loginOf({ ...admin, database, user: login, password: passwords('first')[login] })).toBe(login)
  const migrations = readMigrations(migrationsDirectory).map(({ name }) => name)
  for (const name of names)
    expect(
      await migrate({
        address: { ...admin, database: name, user: 'taskwire_owner', password: passwords('first').taskwire_owner },
      }),
    ).toHaveProperty('applied', migrations)
})

test.each([
  `it's "quoted"`,
  String.raw`back\slash and $$ dollars $1`,
  `'; drop role taskwire_app; --`,
  'line\nbreak',
  'pässwörd 牛乳 😀',
])('a second set-up changes the passwords: %j', async (suffix) => {
  await setUpRoles({ admin, passwords: passwords(suffix) })
  for (const login of LOGINS) {
    const address = { ...admin, user: login, password: passwords(suffix)[login] }
    expect(await loginOf(address)).toBe(login)
    await expect(loginOf({ ...address, password: `${address.password}x` })).rejects.toThrow(
      'password authentication failed',
    )
  }
})

test.each(['', 'a\u0000b'])('a password that cannot be used to log in is refused: %j', async (password) => {
  await expect(setUpRoles({ admin, passwords: { ...passwords('x'), taskwire_app: password } })).rejects.toThrow(
    'The password for taskwire_app is empty or contains a NUL character; give it another.',
  )
})

test('no role has rights over the cluster', async () => {
  await using connection = await connectOnce({ address: admin, applicationName: 'test' })
  const rows =
    await connection.sql`select rolname, rolcanlogin, rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication as power
    from pg_roles where rolname like 'taskwire%' order by 1`
  expect(rows).toEqual([
    { rolname: 'taskwire_app', rolcanlogin: true, power: false },
    { rolname: 'taskwire_auth', rolcanlogin: true, power: false },
    { rolname: 'taskwire_backup', rolcanlogin: false, power: false },
    { rolname: 'taskwire_definer', rolcanlogin: false, power: false },
    { rolname: 'taskwire_owner', rolcanlogin: true, power: false },
  ])
  const members =
    await connection.sql`select m.member::regrole::text as member, m.roleid::regrole::text as role from pg_auth_members m
    where m.roleid::regrole::text like 'taskwire%' or m.member::regrole::text like 'taskwire%'`
  expect(members).toEqual([{ member: 'taskwire_owner', role: 'taskwire_definer' }])
})

test('a login without the right to set up gets an error that says so', async () => {
  await expect(
    setUpRoles({
      admin: { ...admin, user: 'taskwire_app', password: `app pässwörd 牛乳 😀` },
      passwords: passwords('x'),
    }),
  ).rejects.toThrow(
    /^The login taskwire_app may not set up the roles \(.+\): use one that has CREATEROLE and owns the database postgres\.$/,
  )
})
