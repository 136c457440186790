import { createClient, signIn } from '@taskwire/client'
import { connectOnce, migrate } from '@taskwire/db'
import { createEmptyDatabase, createTestDatabase } from '@taskwire/db/testing'
import { afterAll, expect, test } from 'vitest'
import {
  createDatabaseProxy,
  settingsFor,
  signUpAt,
  startServiceProcess,
  startPostgres,
  temporaryDirectory,
} from '../testing/process.ts'
import { refusalOf, send } from '../testing/wire.ts'

const postgres = await startPostgres()
const directory = await temporaryDirectory()
afterAll(async () => {
  await postgres[Symbol.asyncDispose]()
  await directory[Symbol.asyncDispose]()
})

async function expectUnavailable(url: string): Promise<void> {
  expect((await fetch(`${url}/health/live`)).status).toBe(200)
  const ready = await fetch(`${url}/health/ready`)
  expect([ready.status, ready.headers.get('retry-after')]).toEqual([503, '1'])
  expect(await ready.json()).toMatchObject({ status: 'unavailable', reason: expect.stringContaining('database') })
  for (const path of ['/trpc/tasks.list', '/trpc/me.get']) {
    const refusal = refusalOf(await send(url, { path, headers: { authorization: `Bearer ${'a'.repeat(32)}` } }))
    expect(refusal).toMatchObject({ appCode: 'UNAVAILABLE', retryable: true })
  }
  expect((await fetch(`${url}/trpc/system.contract`)).status).toBe(200)
  const refused = signIn({ url, email: 'a@example.com', password: 'correct horse' })
  await expect(refused).rejects.toMatchObject({ status: 503, code: 'UNAVAILABLE' })
}
async function untilReady(url: string): Promise<void> {
  while ((await fetch(`${url}/health/ready`)).status !== 200);
}

test('while the database is unreachable, the service says so, refuses calls and retries; then it serves', async () => {
  await using database = await createTestDatabase()
  await using line = await createDatabaseProxy(database)
  await using main = startServiceProcess({ cwd: directory.path, env: settingsFor(database, line.port) })
  await main.says(
    /The database of DATABASE_\w*URL \(taskwire_\w+@[\w.]+:\d+\/\w+\) cannot be reached: .*ECONNREFUSED.*\. Calls are refused for now; retrying in [\d.]+ s/,
  )
  const url = await main.url()
  await expectUnavailable(url)
  // The service retries several times.
  await main.says(/(retrying in[^]*){4}/)
  await line.mend()
  await untilReady(url)
  const { token } = await signUpAt(url)
  expect((await createClient({ url, token }).tasks.create.mutate({ title: 'x' })).revision).toBe(1)
})

test('calls are refused while the database is unreachable, and served afterwards by the same process', async () => {
  await using database = await createTestDatabase()
  await using line = await createDatabaseProxy(database)
  await line.mend()
  await using main = startServiceProcess({ cwd: directory.path, env: settingsFor(database, line.port) })
  const url = await main.url()
  await untilReady(url)
  const { token } = await signUpAt(url)
  const client = createClient({ url, token })
  await client.tasks.create.mutate({ title: 'before' })
  await line.cut()
  while ((await fetch(`${url}/health/ready`)).status === 200);
  await expectUnavailable(url)
  await line.mend()
  await untilReady(url)
  await client.tasks.create.mutate({ title: 'after' })
  expect((await client.tasks.list.query({})).items.map(({ title }) => title)).toEqual(['after', 'before'])
  // The sign-in has its own connections, which recover too.
  while ((await fetch(`${url}/auth/get-session`, { headers: { authorization: `Bearer ${token}` } })).status !== 200);
  await signIn({ url, email: (await client.me.get.query()).email ?? '', password: 'correct horse' })
})

test('while the database is not migrated, the service says what to do; then it serves', async () => {
  await using database = await createEmptyDatabase()
  await using main = startServiceProcess({ cwd: directory.path, env: settingsFor(database) })
  await main.says(
    /lacks migrations of this release: run (npm run db:|taskwire-admin )migrate, or set DATABASE_OWNER_URL/,
  )
  const url = await main.url()
  await expectUnavailable(url)
  await migrate({ address: database.owner })
  await untilReady(url)
  expect((await signUpAt(url)).token).not.toBe('')
})

test.each([
  ['DATABASE_URL', (url: string) => `${url}_nowhere`, /DATABASE_URL \(taskwire_app@\S+_nowhere\) cannot be reached: /],
  [
    'DATABASE_AUTH_URL',
    (url: string) => `${url}_nowhere`,
    /DATABASE_AUTH_URL \(taskwire_auth@\S+_nowhere\) cannot be reached: /,
  ],
  [
    'DATABASE_AUTH_URL',
    (url: string) => url.replace(/\w+$/, 'postgres'),
    /DATABASE_AUTH_URL \(taskwire_auth@\S+\/postgres\) lacks migrations/,
  ],
  [
    'DATABASE_OWNER_URL',
    (url: string) => url.replace(/:\d+\//, ':1/'),
    /DATABASE_OWNER_URL \(taskwire_owner@\S+:1\/\w+\) cannot be reached: .*ECONNREFUSED/,
  ],
])('the service says which of several addresses is wrong: %s', async (name, makeWrong, message) => {
  await using database = await createTestDatabase()
  const settings = { ...settingsFor(database), DATABASE_OWNER_URL: database.url('taskwire_owner') }
  const env: Record<string, string> = { ...settings, [name]: makeWrong(Reflect.get(settings, name)) }
  if (name !== 'DATABASE_OWNER_URL') env['DATABASE_OWNER_URL'] = ''
  await using main = startServiceProcess({ cwd: directory.path, env })
  await main.says(message)
})

test('with DATABASE_OWNER_URL, the service migrates the database', async () => {
  await using database = await createEmptyDatabase()
  const env = { ...settingsFor(database), DATABASE_OWNER_URL: database.url('taskwire_owner') }
  await using main = startServiceProcess({ cwd: directory.path, env })
  const url = await main.url()
  await untilReady(url)
  expect(main.stderr()).toMatch(/Migrated the database:/)
})

test('the service waits for a database that does not exist yet', async () => {
  await using database = await createTestDatabase()
  const settings = settingsFor(database)
  for (const name of ['DATABASE_URL', 'DATABASE_AUTH_URL']) settings[name] = `${settings[name]}_later`
  await using main = startServiceProcess({ cwd: directory.path, env: settings })
  await main.says(/"test_\w+_later" does not exist, 3D000/)
  const url = await main.url()
  await expectUnavailable(url)
  await using admin = await connectOnce({
    address: { ...database.admin, database: 'postgres' },
    applicationName: 'taskwire-test',
  })
  await admin.sql.unsafe(`create database ${database.name}_later template ${database.name}`)
  await untilReady(url)
  expect(await main.end()).toBe(0)
  await admin.sql.unsafe(`drop database ${database.name}_later with (force)`)
})

test.each([
  [
    'the login of an administrator',
    'DATABASE_URL',
    ['postgres', ''],
    /DATABASE_URL has the login postgres, a superuser\. Row-level security would not restrict it/,
  ],
  [
    'the login of the owner',
    'DATABASE_URL',
    ['taskwire_owner', 'only-for-tests'],
    /DATABASE_URL has the login taskwire_owner, an owner of/,
  ],
  [
    'a wrong password',
    'DATABASE_AUTH_URL',
    ['taskwire_auth', 'wrong'],
    /DATABASE_AUTH_URL \(taskwire_auth@.*password authentication failed.*28P01.*(npm run db:|taskwire-admin )setup/,
  ],
])('with %s, the service exits with 1 and a message', async (_what, name, [user = '', password], message) => {
  await using database = await createTestDatabase()
  const { host, port, database: path, password: own } = database.admin
  const address = `postgres://${user}:${encodeURIComponent(password === '' ? own : (password ?? ''))}@${host}:${port}/${path}`
  await using main = startServiceProcess({ cwd: directory.path, env: { ...settingsFor(database), [name]: address } })
  expect(await main.ended).toBe(1)
  expect(main.stderr()).toMatch(message)
  expect(main.stderr()).not.toMatch(/^ +at |only-for-tests|Taskwire is at/m)
})
