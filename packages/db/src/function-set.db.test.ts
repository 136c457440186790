import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connectOnce } from './connection/connect.ts'
import { DEFINER_FUNCTIONS, functionsDirectory, readFunctions, RELEASE_FILE } from './function-set.ts'
import { isMigrated, migrate } from './migrate.ts'
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from './testing/index.ts'

let root: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'taskwire-functions-'))
})
afterAll(async () => await rm(root, { recursive: true }))

/** This release's functions as another release, with some files replaced; null removes one. */
async function releaseOf(release: number, files: Record<string, string | null> = {}): Promise<string> {
  const directory = await mkdtemp(join(root, 'set-'))
  await cp(functionsDirectory, directory, { recursive: true })
  for (const [path, text] of Object.entries(files))
    if (text === null) await rm(join(directory, path))
    else await writeFile(join(directory, path), text)
  await writeFile(join(directory, RELEASE_FILE), JSON.stringify({ release, hash: '' }))
  return directory
}

const GREETING = 'values/greeting.sql'
const greeting = (text: string): string =>
  `create or replace function tw.greeting() returns text language sql immutable as $$ select '${text}' $$;`

async function query(database: TestDatabase, text: string): Promise<unknown[]> {
  await using connection = await connectOnce({ address: database.app, applicationName: 'test' })
  return [...(await connection.sql.unsafe(text))]
}

test('each file creates only functions of its name, in its schema', async () => {
  await using database = await createTestDatabase()
  const files = readFunctions().files.map(({ schema, name }) => `${schema}.${name}`)
  await using admin = await connectOnce({ address: database.admin, applicationName: 'test' })
  const found = await admin.sql<{ name: string }[]>`
    select distinct pronamespace::regnamespace || '.' || proname as name from pg_proc
    where pronamespace in ('tw'::regnamespace, 'auth'::regnamespace)`
  const names = found.map(({ name }) => name)
  expect(files.filter((name) => !names.includes(name))).toEqual([])
  // A function that an index, a constraint, a policy or a trigger depends on is created by a migration.
  expect(names.filter((name) => !files.includes(name)).toSorted()).toEqual([
    'tw.account',
    'tw.are_distinct',
    'tw.are_tags',
    'tw.folded',
    'tw.is_line',
    'tw.make_space',
    'tw.marks',
    'tw.search_key',
    'tw.search_terms',
    'tw.search_vector',
    'tw.space',
    'tw.unaccented',
    'tw.unspaced',
  ])
})

test('each function may be executed by the login of the service or of sign-in only', async () => {
  await using database = await createTestDatabase()
  await using admin = await connectOnce({ address: database.admin, applicationName: 'test' })
  const names = readFunctions().files.map(({ name }) => name)
  const rows = await admin.sql<{ schema: string; owner: string; grantees: string }[]>`
    select distinct p.pronamespace::regnamespace::text as schema, p.proowner::regrole::text as owner,
      (select string_agg(a.grantee::regrole::text || ' ' || a.privilege_type, ', ') from aclexplode(p.proacl) a where a.grantee <> p.proowner) as grantees
    from pg_proc p where pronamespace in ('tw'::regnamespace, 'auth'::regnamespace) and proname = any (string_to_array(${names.join()}, ','))
    order by 1, 2`
  expect(rows).toEqual([
    { schema: 'auth', owner: 'taskwire_owner', grantees: 'taskwire_auth EXECUTE' },
    { schema: 'tw', owner: 'taskwire_definer', grantees: 'taskwire_app EXECUTE' },
    { schema: 'tw', owner: 'taskwire_owner', grantees: 'taskwire_app EXECUTE' },
  ])
  const definers = await admin.sql<{ name: string }[]>`select proname as name from pg_proc
    where pronamespace in ('tw'::regnamespace, 'auth'::regnamespace) and prosecdef and proname <> 'make_space' order by 1`
  expect(definers.map(({ name }) => name)).toEqual(DEFINER_FUNCTIONS.toSorted())
})

test('a newer release replaces the functions of an older one, and never the reverse', async () => {
  await using database = await createEmptyDatabase()
  const [old, newer] = [
    await releaseOf(7, { [GREETING]: greeting('old') }),
    await releaseOf(8, { [GREETING]: greeting('new') }),
  ]
  const run = async (directory: string) => await migrate({ address: database.owner, functionsDirectory: directory })
  expect(await run(old)).toMatchObject({ functions: 7 })
  expect(await query(database, 'select tw.greeting()')).toEqual([{ greeting: 'old' }])
  expect(await run(newer)).toMatchObject({ functions: 8 })
  expect(await query(database, 'select tw.greeting()')).toEqual([{ greeting: 'new' }])
  // Like a process of the old release that restarts during a rollout.
  expect(await run(old)).toMatchObject({ functions: null })
  expect(await query(database, 'select tw.greeting()')).toEqual([{ greeting: 'new' }])
  expect(await run(newer)).toMatchObject({ functions: null })
})

test('a function whose file was removed stays', async () => {
  await using database = await createEmptyDatabase()
  await migrate({ address: database.owner, functionsDirectory: await releaseOf(7, { [GREETING]: greeting('there') }) })
  await migrate({ address: database.owner, functionsDirectory: await releaseOf(8) })
  expect(await query(database, 'select tw.greeting()')).toEqual([{ greeting: 'there' }])
})

test('if PostgreSQL refuses a function, the earlier ones stay, and the error names it', async () => {
  await using database = await createEmptyDatabase()
  await migrate({ address: database.owner, functionsDirectory: await releaseOf(7, { [GREETING]: greeting('there') }) })
  const broken = await releaseOf(8, { [GREETING]: greeting('broken'), 'values/wrong.sql': 'create function tw.wrong(' })
  await expect(migrate({ address: database.owner, functionsDirectory: broken })).rejects.toThrow(
    'The database refused the function tw.wrong (syntax error at end of input',
  )
  expect(await query(database, 'select tw.greeting()')).toEqual([{ greeting: 'there' }])
})

test('isMigrated() accepts the functions of this release or a newer one', async () => {
  await using database = await createTestDatabase()
  const serves = async (): Promise<boolean> =>
    await isMigrated(async (text) => [...((await query(database, text)) as Record<string, unknown>[])])
  expect(await serves()).toBe(true)
  await using admin = await connectOnce({ address: database.admin, applicationName: 'test' })
  await admin.sql`update tw_migrations.functions set release = release + 1, hash = 'x'`
  expect(await serves()).toBe(true)
  await admin.sql`update tw_migrations.functions set release = release - 2`
  expect(await serves()).toBe(false)
})
