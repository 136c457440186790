import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { createClient, signIn } from '@taskwire/client'
import { connectOnce } from '@taskwire/db'
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from '@taskwire/db/testing'
import { dumpSchema } from '@taskwire/db/testing/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { backUpTo, restoreFrom } from './backups.ts'
import { makeResetLink } from '../auth/reset-links.ts'
import { startTestService, type TestUser } from '../testing/service.ts'

const service = await startTestService()
const directory = await mkdtemp(join(tmpdir(), 'taskwire-backups-'))
const file = join(directory, 'backup.gz')
let user: TestUser
afterAll(async () => {
  await service[Symbol.asyncDispose]()
  await rm(directory, { recursive: true })
})

const quiet = (): void => {}
const restoreInto = async (database: TestDatabase, from = file, exact = false): Promise<void> =>
  await restoreFrom(from, { owner: database.owner, exact, note: quiet })

async function queryRows(database: TestDatabase, text: string): Promise<Record<string, unknown>[]> {
  await using connection = await connectOnce({ address: database.admin, applicationName: 'taskwire-test' })
  return [...(await connection.sql.unsafe(text))]
}
async function schemaOf(database: TestDatabase): Promise<string> {
  await using connection = await connectOnce({ address: database.admin, applicationName: 'taskwire-test' })
  return await dumpSchema(connection.sql)
}

beforeAll(async () => {
  user = await service.signUp()
  const client = createClient({ url: service.url, token: user.token })
  const list = await client.lists.create.mutate({ name: 'Ünïcode \u{1F600}' })
  await client.tasks.create.mutate({
    title: 'quotes " and \\ backslashes \\n',
    description: 'line\nbreaks\tand \u2028 tabs',
    priority: 'high',
    tags: ['a,b', '{c}', 'NULL', '"d"'],
    due: { date: '2026-12-24', time: '18:00', timeZone: 'Europe/Berlin' },
    listId: list.id,
  })
  // Creates more than the buffers of streams and sockets hold.
  for (let many = 0; many < 4; many++)
    await client.tasks.createMany.mutate({
      tasks: Array.from({ length: 500 }, (_, nr) => ({
        title: `one of many ${many} ${nr}`,
        description: 'x'.repeat(500),
      })),
    })
  await client.tasks.createMany.mutate({ tasks: Array.from({ length: 3 }, (_, nr) => ({ title: `task ${nr}` })) })
  await client.keys.create.mutate({ name: 'key', scopes: ['tasks:read'] })
  await client.keys.create.mutate({ name: 'expired', scopes: ['tasks:read'] })
  await service.admin(`update tw.api_keys set expires_at = now() where name = 'expired'`)
  await service.signUp()
  await service.admin(`insert into tw.service_keys (id, name, scopes, secret_hash)
    values (gen_random_uuid(), 'billing', '{tasks:read}', sha256('secret'))`)
  await makeResetLink(service.database.owner, user.email, service.url)
  await service.admin(`insert into auth.sign_in_attempts (key, spent_until) values (sha256('x'), now())`)
  await backUpTo(file, service.database.owner, quiet)
})

test('a backup can be restored, with rows and privileges', async () => {
  await using database = await createTestDatabase()
  const before = await schemaOf(database)
  await restoreInto(database, file, true)
  expect(await schemaOf(database)).toBe(before)
  for (const table of [
    'auth.users',
    'auth.accounts',
    'tw.spaces',
    'tw.tasks',
    'tw.changes',
    'tw.mutations',
    'tw.api_keys',
    'tw.lists',
  ]) {
    const rows = `select t::text from ${table} t order by t::text`
    const found = await queryRows(database, rows)
    expect(found.length).toBeGreaterThan(0)
    expect(found).toEqual(await queryRows(service.database, rows))
  }
  // A backup of the restored database is the same, except for its time.
  const again = join(directory, 'again.gz')
  await backUpTo(again, database.owner, quiet)
  const lines = async (of: string): Promise<string[]> =>
    gunzipSync(await readFile(of))
      .toString()
      .split('\n')
      .slice(1)
  expect(await lines(again)).toEqual(await lines(file))

  await using restored = await startTestService({ database })
  const { token } = await signIn({ url: restored.url, email: user.email, password: user.password })
  const client = createClient({ url: restored.url, token })
  expect((await client.tasks.list.query({ filter: { priority: ['high'] } })).items.map(({ title }) => title)).toContain(
    'quotes " and \\ backslashes \\n',
  )
  await client.tasks.create.mutate({ title: 'another' })
})

test.each([false, true])(
  'a restored database has no sessions, reset links or sign-in attempts, and the restore says so (--exact: %s)',
  async (exact) => {
    await using database = await createTestDatabase()
    const notes: string[] = []
    await restoreFrom(file, { owner: database.owner, exact, note: (line) => void notes.push(line) })
    for (const table of ['auth.sessions', 'auth.password_resets', 'auth.sign_in_attempts']) {
      expect([table, await queryRows(service.database, `select 1 from ${table} limit 1`)]).toEqual([
        table,
        [expect.anything()],
      ])
      expect([table, await queryRows(database, `select 1 from ${table}`)]).toEqual([table, []])
    }
    await using restored = await startTestService({ database })
    const before = createClient({ url: restored.url, token: user.token })
    await expect(before.tasks.list.query()).rejects.toMatchObject({ data: { appCode: 'UNAUTHENTICATED' } })
    const cookie = { headers: { cookie: user.cookie } }
    expect(await (await fetch(`${restored.url}/auth/get-session`, cookie)).json()).toBeNull()
    // Two accounts and one valid key; the expired key is not counted.
    expect(notes.at(-1)).toContain('2 accounts with the passwords of that time, and 1 user key and 1 service key')
    expect(notes.at(-1)).toContain('all users have to sign in again')
  },
)

test('after a restore no revision is used twice, and followers get RESYNC_REQUIRED', async () => {
  await using database = await createTestDatabase()
  await restoreInto(database)
  await using restored = await startTestService({ database })
  const { token } = await signIn({ url: restored.url, email: user.email, password: user.password })
  const client = createClient({ url: restored.url, token })
  const before = createClient({ url: service.url, token: user.token })
  const { head } = await before.changes.list.query({ after: 1900, limit: 500 })
  await expect(client.changes.list.query({ after: head })).rejects.toMatchObject({
    data: { appCode: 'RESYNC_REQUIRED' },
  })
  const { revision } = await client.tasks.create.mutate({ title: 'after it' })
  expect(revision).toBe(head + 1_000_001)
  expect((await client.tasks.list.query()).revision).toBe(revision)
})

test('only its owner can read the file, which appears once it is complete', async () => {
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  await expect(backUpTo(file, service.database.owner, quiet)).rejects.toThrow(`${file} already exists`)
  await using empty = await createEmptyDatabase()
  await expect(backUpTo(join(directory, 'none.gz'), empty.owner, quiet)).rejects.toThrow('db:migrate')
  for (const [name, reason] of [
    [join('no', 'such.gz'), 'there is no such file or directory; check the name'],
    [join('backup.gz', 'such.gz'), 'a part of the path is not a directory; check the name'],
  ] as const)
    await expect(backUpTo(join(directory, name), service.database.owner, quiet)).rejects.toThrow(
      `The backup ${join(directory, name)} cannot be written: ${reason}.`,
    )
  expect((await readdir(directory)).filter((name) => name.startsWith('none') || name.endsWith('.partial'))).toEqual([])
})

test('a database with rows or another schema is refused and not changed', async () => {
  await expect(restoreInto(service.database)).rejects.toThrow(
    /is not empty: auth\.users has rows\. .*nothing was changed/,
  )
  await using empty = await createEmptyDatabase()
  await expect(restoreInto(empty)).rejects.toThrow('npm run db:migrate')
  await using newer = await createTestDatabase()
  await queryRows(newer, `insert into tw_migrations.applied (name, hash) values ('20300101000000_later', 'x')`)
  await expect(restoreInto(newer)).rejects.toThrow(
    /has another schema: its last migration is \d+_\w+, and the last of the database \S+ is 20300101000000_later\./,
  )
})

test('a truncated, altered or foreign file is refused, and nothing is restored', async () => {
  const whole = await readFile(file)
  const text = gunzipSync(whole).toString()
  const rows = text.split('\n')
  const task = rows.findIndex((line) => line.includes('"title":"task 1"'))
  const without = (nr: number): Buffer => gzipSync(rows.toSpliced(nr, 1).join('\n'))
  const altered = (at: number, value: number): Buffer => Buffer.from(whole.with(at, value))
  const files: [Buffer, RegExp][] = [
    [whole.subarray(0, whole.length / 2), /truncated or was altered: unexpected end of file/],
    // The first has an invalid block type, the second a wrong checksum.
    [altered(10, 0xff), /truncated or was altered: invalid block type/],
    [altered(whole.length - 8, (whole.at(-8) ?? 0) ^ 0x55), /truncated or was altered: incorrect data check/],
    [gzipSync(rows.slice(0, -2).join('\n') + '\n'), /it ends too early/],
    [gzipSync(text.slice(0, -1)), /its last line is incomplete/],
    [gzipSync(text + 'more\n'), /it continues after its last line/],
    [gzipSync(text.replace('"title":"task 1"', '"title":"task X"')), /tw\.tasks has \d+ rows of hash \w+ in the file/],
    [without(task), /tw\.tasks has \d+ rows/],
    [without(2), /auth\.users has 1 rows|refuses rows/],
    [gzipSync(text.replace('"table":"tw.lists"', '"table":"tw.tasks"')), /it has tw\.tasks in place of tw\.lists/],
    [gzipSync(text.replace('"version":2', '"version":1')), /has format 1, and this release reads 2/],
    [gzipSync('{}\n'), /is not a Taskwire backup/],
    [Buffer.from('hello'), /is not a Taskwire backup/],
    [Buffer.alloc(0), /it ends too early|unexpected end of file/],
  ]
  await using database = await createTestDatabase()
  const damaged = join(directory, 'damaged.gz')
  for (const [bytes, message] of files) {
    await writeFile(damaged, bytes)
    await expect(restoreInto(database, damaged)).rejects.toThrow(message)
  }
  await expect(restoreInto(database, join(directory, 'missing.gz'))).rejects.toThrow(
    /The backup \S+missing\.gz cannot be read: there is no such file or directory; check the name\./,
  )
  await expect(restoreInto(database, directory)).rejects.toThrow(
    /cannot be read: it is a directory; use the path of a file\./,
  )
  expect(await queryRows(database, 'select count(*)::int as rows from auth.users')).toEqual([{ rows: 0 }])
  // The failed attempts do not prevent a restore.
  await restoreInto(database)
})

test('a backup or restore that loses its connection fails, and leaves neither a file nor rows', async () => {
  await using database = await createTestDatabase()
  // The trigger ends the connection when a row of tw.tasks is written; the policy below, when one is read.
  await queryRows(
    database,
    `create function cut() returns trigger language plpgsql as $$
    begin perform pg_terminate_backend(pg_backend_pid()); return new; end $$`,
  )
  await queryRows(database, 'create trigger cut before insert on tw.tasks for each row execute function cut()')
  await expect(restoreInto(database)).rejects.toThrow(/terminating connection|CONNECTION_CLOSED|ECONNRESET|EPIPE/)
  expect(await queryRows(database, 'select count(*)::int as rows from auth.users')).toEqual([{ rows: 0 }])
  await queryRows(database, 'drop trigger cut on tw.tasks')
  await restoreInto(database)
  await queryRows(
    database,
    `create policy cut on tw.tasks as restrictive for select to taskwire_owner
    using (pg_terminate_backend(pg_backend_pid()))`,
  )
  await expect(backUpTo(join(directory, 'cut.gz'), database.owner, quiet)).rejects.toThrow(
    /terminating connection|CONNECTION_CLOSED|ECONNRESET|EPIPE/,
  )
  expect((await readdir(directory)).filter((name) => name.startsWith('cut'))).toEqual([])
})
