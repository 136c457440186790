import { randomUUID } from 'node:crypto'
import { type Address, connectOnce, migrate } from '@taskwire/db'
import { createEmptyDatabase, createTestDatabase } from '@taskwire/db/testing'
import { afterAll, expect, test } from 'vitest'
import { ConfigError } from '../config.ts'
import { NotMigrated, verifyDatabase, verifySignIn } from './verify.ts'

const database = await createTestDatabase()
const roles: string[] = []
async function admin(text: string): Promise<void> {
  await using connection = await connectOnce({ address: database.admin, applicationName: 'taskwire-test' })
  await connection.sql.unsafe(text)
}
afterAll(async () => {
  for (const role of roles) await admin(`drop owned by ${role} cascade; drop role ${role}`)
  await database[Symbol.asyncDispose]()
})

/**
 * Creates a login with the service's privileges, and runs `more` for it. The name is random, since roles belong to the
 * whole server.
 */
async function createLogin(more: string): Promise<Address> {
  const role = `test_${randomUUID().replaceAll('-', '')}`
  await admin(`create role ${role} login password 'p' in role taskwire_app`)
  roles.push(role)
  await admin(more.replaceAll('ROLE', role))
  return { ...database.app, user: role, password: 'p' }
}

/** Returns the reported problems of a login. */
async function problemsOf(verified: Promise<void>): Promise<string> {
  try {
    await verified
  } catch (error) {
    if (error instanceof ConfigError) return error.message
    throw error
  }
  return ''
}

test('logins like those of the setup are accepted', async () => {
  await verifyDatabase(database.app)
  await verifySignIn(database.auth)
  await verifyDatabase(await createLogin('select 1'))
})

test.each([
  ['a superuser', 'alter role ROLE superuser', /a superuser/],
  ['a role that bypasses row security', 'alter role ROLE bypassrls', /bypasses row-level security/],
  ['a role that may create roles', 'alter role ROLE createrole', /may create roles/],
  ['the owner of a table', 'alter table tw.lists owner to ROLE', /an owner of/],
  [
    'the owner of a function',
    'grant create on schema tw to ROLE; alter function tw.space() owner to ROLE',
    /an owner of/,
  ],
  ['a member of the owner', 'grant taskwire_owner to ROLE', /a member of taskwire_owner, an owner/],
  ['a member of the definer', 'grant taskwire_definer to ROLE', /a member of taskwire_definer, an owner/],
  ['a role that may replicate', 'alter role ROLE replication', /may replicate the whole server/],
  ['the owner of a schema', 'grant create on schema tw to ROLE; alter schema tw owner to ROLE', /an owner of/],
  [
    'a member of pg_read_server_files',
    'grant pg_read_server_files to ROLE',
    /a member of pg_read_server_files, a role with access/,
  ],
  ['a member of pg_execute_server_program', 'grant pg_execute_server_program to ROLE', /access beyond the database/],
  [
    'a member of the backup role',
    'grant taskwire_backup to ROLE',
    /a member of taskwire_backup, a role that has policies of its own/,
  ],
  [
    'a member of the owner that does not inherit',
    'alter role ROLE noinherit; grant taskwire_owner to ROLE',
    /a member of taskwire_owner/,
  ],
  [
    'an indirect member of a role that bypasses row security',
    'create role ROLE_group noinherit; create role ROLE_power bypassrls; grant ROLE_power to ROLE_group; grant ROLE_group to ROLE',
    /a member of test_\w+_power, a role that bypasses row-level security/,
  ],
])('%s is refused with the reason', async (_what, more, message) => {
  const address = await createLogin(more)
  const problems = await problemsOf(verifyDatabase(address))
  expect(problems).toMatch(message)
  expect(problems).toContain(`DATABASE_URL has the login ${address.user}`)
  expect(problems).toContain('use taskwire_app')
  expect(await problemsOf(verifySignIn(address))).toMatch(message)
  await admin(
    `alter schema tw owner to taskwire_owner; alter table tw.lists owner to taskwire_owner; alter function tw.space() owner to taskwire_owner`,
  )
  if (more.includes('_group')) await admin(`drop role ${address.user}_group, ${address.user}_power`)
})

test.each(['inherit false, set true', 'inherit true, set false', 'admin true, inherit false, set false'])(
  'a member of the owner with %s is refused',
  async (options) => {
    await using connection = await connectOnce({ address: database.admin, applicationName: 'taskwire-test' })
    const [server] = await connection.sql`select current_setting('server_version_num')::int >= 160000 as modern`
    const grant =
      server?.['modern'] === true ? `grant taskwire_owner to ROLE with ${options}` : 'grant taskwire_owner to ROLE'
    expect(await problemsOf(verifyDatabase(await createLogin(grant)))).toMatch(/a member of taskwire_owner, an owner/)
  },
)

test('a login with the privileges of both the service and the sign-in is refused', async () => {
  const both = await createLogin('grant taskwire_auth to ROLE')
  expect(await problemsOf(verifyDatabase(both))).toMatch(/a member of taskwire_auth, a role that has policies/)
  expect(await problemsOf(verifySignIn(both))).toMatch(/a member of taskwire_app, a role that has policies/)
})

test('an administrator, and the owner, are refused', async () => {
  expect(await problemsOf(verifyDatabase(database.admin))).toMatch(/a superuser/)
  expect(await problemsOf(verifyDatabase(database.owner))).toMatch(/taskwire_owner, an owner/)
})

test('a login without the needed privileges is refused', async () => {
  expect(await problemsOf(verifyDatabase(database.auth))).toMatch(/lacks the service's privileges: use taskwire_app/)
  expect(await problemsOf(verifySignIn(database.app))).toMatch(/lacks the sign-in's privileges: use taskwire_auth/)
})

test('a server with synchronous_commit off is refused', async () => {
  const address = await createLogin(`alter role ROLE set synchronous_commit = off`)
  expect(await problemsOf(verifyDatabase(address))).toMatch(/synchronous_commit is off.*turn it on/)
})

test('a login with isolation repeatable read is refused', async () => {
  const address = await createLogin(`alter role ROLE set default_transaction_isolation = 'repeatable read'`)
  expect(await problemsOf(verifyDatabase(address))).toMatch(/isolation is repeatable read.*set it to read committed/)
})

test('a table without forced row-level security is reported', async () => {
  await admin('alter table tw.tasks no force row level security; alter table tw.changes disable row level security')
  const problems = await problemsOf(verifyDatabase(database.app))
  await admin('alter table tw.tasks force row level security; alter table tw.changes enable row level security')
  expect(problems).toMatch(/not forced on tw\.(changes, tw\.tasks|tasks, tw\.changes):/)
})

test('a database that lacks migrations is reported as NotMigrated', async () => {
  await using empty = await createEmptyDatabase()
  await expect(verifyDatabase(empty.app)).rejects.toThrow(NotMigrated)
  await expect(verifySignIn(empty.auth)).rejects.toThrow(NotMigrated)
  await migrate({ address: empty.owner })
  await verifyDatabase(empty.app)
  await using owner = await connectOnce({ address: empty.admin, applicationName: 'taskwire-test' })
  await owner.sql`delete from tw_migrations.applied where id = (select max(id) from tw_migrations.applied)`
  await expect(verifyDatabase(empty.app)).rejects.toThrow(/npm run db:migrate/)
})
