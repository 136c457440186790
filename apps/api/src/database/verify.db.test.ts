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

/** A login with the service's rights and these more; roles are the whole server's, hence the name. */
async function login(more: string): Promise<Address> {
  const role = `test_${randomUUID().replaceAll('-', '')}`
  await admin(`create role ${role} login password 'p' in role taskwire_app`)
  roles.push(role)
  await admin(more.replaceAll('ROLE', role))
  return { ...database.app, user: role, password: 'p' }
}

/** The problems that are told of a login. */
async function problemsOf(verified: Promise<void>): Promise<string> {
  try {
    await verified
  } catch (error) {
    if (error instanceof ConfigError) return error.message
    throw error
  }
  return ''
}

test('the logins of the setup are taken', async () => {
  await verifyDatabase(database.app)
  await verifySignIn(database.auth)
  await verifyDatabase(await login('select 1'))
})

test.each([
  ['a superuser', 'alter role ROLE superuser', /a superuser/],
  ['a role that bypasses row security', 'alter role ROLE bypassrls', /bypasses row security/],
  ['a role that may make roles', 'alter role ROLE createrole', /may make roles/],
  ['the owner of a table', 'alter table tw.lists owner to ROLE', /an owner of/],
  [
    'the owner of a function',
    'grant create on schema tw to ROLE; alter function tw.space() owner to ROLE',
    /an owner of/,
  ],
  ['a member of the owner', 'grant taskwire_owner to ROLE', /a member of taskwire_owner, an owner/],
  ['a member of the definer', 'grant taskwire_definer to ROLE', /a member of taskwire_definer, an owner/],
  ['a role that may replicate', 'alter role ROLE replication', /may copy the whole server/],
  ['the owner of a schema', 'grant create on schema tw to ROLE; alter schema tw owner to ROLE', /an owner of/],
  [
    'who reads the files of the server',
    'grant pg_read_server_files to ROLE',
    /a member of pg_read_server_files, a role that reaches/,
  ],
  ['who runs programs', 'grant pg_execute_server_program to ROLE', /reaches beyond the database/],
  [
    'whoever makes backups',
    'grant taskwire_backup to ROLE',
    /a member of taskwire_backup, a role that has policies of its own/,
  ],
  [
    'who has it without inheriting',
    'alter role ROLE noinherit; grant taskwire_owner to ROLE',
    /a member of taskwire_owner/,
  ],
  [
    'a member, by another role, of one that bypasses row security',
    'create role ROLE_group noinherit; create role ROLE_power bypassrls; grant ROLE_power to ROLE_group; grant ROLE_group to ROLE',
    /a member of test_\w+_power, a role that bypasses row security/,
  ],
])('%s is refused, and named', async (_what, more, words) => {
  const address = await login(more)
  const told = await problemsOf(verifyDatabase(address))
  expect(told).toMatch(words)
  expect(told).toContain(`DATABASE_URL is of ${address.user}`)
  expect(told).toContain('use taskwire_app')
  expect(await problemsOf(verifySignIn(address))).toMatch(words)
  await admin(
    `alter schema tw owner to taskwire_owner; alter table tw.lists owner to taskwire_owner; alter function tw.space() owner to taskwire_owner`,
  )
  if (more.includes('_group')) await admin(`drop role ${address.user}_group, ${address.user}_power`)
})

test.each(['inherit false, set true', 'inherit true, set false', 'admin true, inherit false, set false'])(
  'a member with %s is refused, where there are such',
  async (options) => {
    await using connection = await connectOnce({ address: database.admin, applicationName: 'taskwire-test' })
    const [server] = await connection.sql`select current_setting('server_version_num')::int >= 160000 as modern`
    const grant =
      server?.['modern'] === true ? `grant taskwire_owner to ROLE with ${options}` : 'grant taskwire_owner to ROLE'
    expect(await problemsOf(verifyDatabase(await login(grant)))).toMatch(/a member of taskwire_owner, an owner/)
  },
)

test('who serves does not sign in, and who signs in does not serve, by one login', async () => {
  const both = await login('grant taskwire_auth to ROLE')
  expect(await problemsOf(verifyDatabase(both))).toMatch(/a member of taskwire_auth, a role that has policies/)
  expect(await problemsOf(verifySignIn(both))).toMatch(/a member of taskwire_app, a role that has policies/)
})

test('an administrator, and the owner, are refused', async () => {
  expect(await problemsOf(verifyDatabase(database.admin))).toMatch(/a superuser/)
  expect(await problemsOf(verifyDatabase(database.owner))).toMatch(/taskwire_owner, an owner/)
})

test('each login is for its own work', async () => {
  expect(await problemsOf(verifyDatabase(database.auth))).toMatch(/may not serve: use taskwire_app/)
  expect(await problemsOf(verifySignIn(database.app))).toMatch(/may not sign anybody in: use taskwire_auth/)
})

test('a server that would lose what it acknowledged is refused', async () => {
  const address = await login(`alter role ROLE set synchronous_commit = off`)
  expect(await problemsOf(verifyDatabase(address))).toMatch(/synchronous_commit is off.*turn it on/)
})

test('a login whose transactions see one snapshot from beginning to end is refused', async () => {
  const address = await login(`alter role ROLE set default_transaction_isolation = 'repeatable read'`)
  expect(await problemsOf(verifyDatabase(address))).toMatch(/isolation is repeatable read.*make it read committed/)
})

test('a table without forced row security is named', async () => {
  await admin('alter table tw.tasks no force row level security; alter table tw.changes disable row level security')
  const told = await problemsOf(verifyDatabase(database.app))
  await admin('alter table tw.tasks force row level security; alter table tw.changes enable row level security')
  expect(told).toMatch(/not forced on tw\.(changes, tw\.tasks|tasks, tw\.changes):/)
})

test('a database without migrations, or without the newest, is waited for', async () => {
  await using empty = await createEmptyDatabase()
  await expect(verifyDatabase(empty.app)).rejects.toThrow(NotMigrated)
  await expect(verifySignIn(empty.auth)).rejects.toThrow(NotMigrated)
  await migrate({ address: empty.owner })
  await verifyDatabase(empty.app)
  await using owner = await connectOnce({ address: empty.admin, applicationName: 'taskwire-test' })
  await owner.sql`delete from tw_migrations.applied where id = (select max(id) from tw_migrations.applied)`
  await expect(verifyDatabase(empty.app)).rejects.toThrow(/npm run db:migrate/)
})
