import { cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Connection, connectOnce } from '../src/connection/connect.ts'
import { migrationsDirectory } from '../src/migration-files.ts'
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from '../src/testing/index.ts'
import { driftOf, folderProblems, linesThatDiffer } from './drift.ts'
import { dumpSchema } from './dump.ts'

let root: string
let database: TestDatabase
let connection: Connection
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'taskwire-schema-'))
  database = await createTestDatabase()
  connection = await connectOnce({ address: database.admin, applicationName: 'test' })
})
afterAll(async () => {
  await connection[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
  await rm(root, { recursive: true })
})

/** The dump after a change, which is rolled back. */
async function dumpAfter(change: string): Promise<string> {
  await connection.sql.unsafe(`begin; ${change}`)
  try {
    return await dumpSchema(connection.sql)
  } finally {
    await connection.sql.unsafe('rollback')
  }
}

const TABLES = '20261122000000_tables'
const FUNCTIONS = '20261122000001_functions'

/** Copies only the first two migrations, since the tests use their names and times. */
async function copyFirstMigrations(): Promise<string> {
  const copy = await mkdtemp(join(root, 'migrations-'))
  for (const name of [TABLES, FUNCTIONS])
    await cp(join(migrationsDirectory, name), join(copy, name), { recursive: true })
  return copy
}

test('a database created from the dump has the same dump, which equals schema.sql', async () => {
  const text = await dumpSchema(connection.sql)
  await using empty = await createEmptyDatabase()
  await using second = await connectOnce({ address: empty.admin, applicationName: 'test' })
  await second.sql.unsafe(text)
  // PostgreSQL stores BETWEEN as two comparisons; dumped again, they have fewer parentheses.
  const withoutParentheses = (dump: string): string => dump.replaceAll(/[()]/g, '')
  expect(withoutParentheses(await dumpSchema(second.sql))).toBe(withoutParentheses(text))
  // Other versions of PostgreSQL print some definitions differently.
  const [version] = await connection.sql<
    { major: number }[]
  >`select current_setting('server_version_num')::int / 10000 as major`
  if (version?.major === 18) expect(text).toBe(await readFile(new URL('../schema.sql', import.meta.url), 'utf8'))
  expect(text).toMatch(/^[\n\u0020-\u007e]*$/)
})

test.each([
  ['alter table tw.tasks alter column title set storage external', '  title tw.title storage external not null,'],
  ['alter table auth.accounts alter column password type text collate "C"', '  password text collate "C",'],
  ['alter table tw.tasks no force row level security', undefined],
  ['alter table tw.tasks set (fillfactor = 80)', ') with (fillfactor=80);'],
  ['alter table tw.tasks alter column complete drop default', '  complete boolean not null,'],
  ['grant update (id) on tw.tasks to taskwire_app', 'grant delete, insert, select, update ('],
  ['grant select on tw.tasks to public', 'grant select on table tw.tasks to public;'],
  [
    'create policy more on tw.tasks as restrictive for delete using (complete)',
    'create policy more on tw.tasks as restrictive for delete to public using (complete);',
  ],
  ['alter function tw.sweep(int, int) security invoker', undefined],
  ['alter function tw.sweep(int, int) owner to taskwire_owner', undefined],
  ['alter table auth.users disable trigger users_make_space', '-- enabled: D'],
  [
    'alter default privileges for role taskwire_owner grant select on tables to taskwire_app',
    'alter default privileges for role taskwire_owner grant select on tables to taskwire_app;',
  ],
  [
    'alter table tw.tasks drop constraint tasks_tags_check, add constraint tasks_tags_check check (true) not valid',
    'CHECK (true) NOT VALID',
  ],
  [
    'alter domain tw.title drop constraint title_check; alter domain tw.title add constraint title_check check (true) not valid',
    '  constraint title_check CHECK (true) NOT VALID;',
  ],
  ['revoke usage on type tw.title from public', undefined],
  ['alter domain tw.title set not null', undefined],
  [`alter domain tw.title set default 'x'`, `create domain tw.title as text default 'x'::text`],
])('the dump shows: %s', async (change, shown) => {
  const before = await dumpSchema(connection.sql)
  const after = await dumpAfter(change)
  expect(after).not.toBe(before)
  if (shown !== undefined) expect(linesThatDiffer(before, after)).toContain(shown)
})

test.each([
  ['create view tw.all_tasks as select 1 as x', 'relation tw.all_tasks'],
  [`create type tw.colour as enum ('red')`, 'type tw.colour'],
  ['create type tw.span as range (subtype = int4)', 'type tw.span'],
  ['create procedure tw.work() language sql as $$ select 1 $$', 'routine tw.work()'],
  [`comment on table tw.tasks is 'x'`, 'comment on tw.tasks'],
  ['create schema other', 'schema other'],
  ['alter table tw.tasks owner to postgres', 'owner of tw.tasks'],
  ['alter domain tw.title owner to postgres', 'owner of tw.title'],
])('the dump throws for a kind of object that it does not know: %s', async (change, thing) => {
  await expect(dumpAfter(change)).rejects.toThrow(`The dump of the schema cannot contain ${thing}`)
})

test('src/schema equals the newest snapshot, and a difference is reported', async () => {
  expect(driftOf(migrationsDirectory, join(root, 'same'))).toBeNull()
  const other = join(root, 'edited')
  await cp(migrationsDirectory, other, { recursive: true })
  // Later snapshots are differences from this one.
  const file = join(other, TABLES, 'snapshot.json')
  const text = await readFile(file, 'utf8')
  await writeFile(file, text.replace('\\"commit\\" >= \\"revision\\"', '\\"commit\\" > \\"revision\\"'))
  expect(await readFile(file, 'utf8')).not.toBe(text)
  expect(driftOf(other, join(root, 'other'))).toMatch(/changes_commit_check[^]*>=/)
})

test('the migrations are in order, and one out of order is reported', async () => {
  expect(folderProblems(migrationsDirectory)).toEqual([])
  const add = async (name: string, prevIds: string[]): Promise<string[]> => {
    const copy = await copyFirstMigrations()
    await mkdir(join(copy, name))
    await writeFile(join(copy, name, 'migration.sql'), '')
    await writeFile(join(copy, name, 'snapshot.json'), JSON.stringify({ id: 'x', prevIds }))
    return folderProblems(copy)
  }
  const snapshot = join(migrationsDirectory, FUNCTIONS, 'snapshot.json')
  const { id } = JSON.parse(await readFile(snapshot, 'utf8')) as { id: string }
  expect(await add('20261201000000_later', [id])).toEqual([])
  expect(await add('20261122000001_same_time', [id])).toEqual([
    `packages/db/migrations/20261122000001_same_time has the time of ${FUNCTIONS}: give it a later one.`,
  ])
  // Generated from another snapshot, then with an earlier time.
  expect(await add('20261201000000_later', ['other'])).toEqual([
    `packages/db/migrations/20261201000000_later was generated without ${FUNCTIONS}, the migration before it: remove the one that is not released yet, and generate it again.`,
  ])
  expect(await add('20260101000000_early', [id])).toHaveLength(2)
  expect(await add('later', [id])).toEqual([
    expect.stringContaining('packages/db/migrations/later is not a folder of drizzle-kit generate'),
  ])
  const renamed = await copyFirstMigrations()
  await rename(join(renamed, TABLES), join(renamed, '20261123000000_tables'))
  expect(folderProblems(renamed)).toHaveLength(2)
})

test('a difference is reported by its lines', () => {
  expect(linesThatDiffer('a\nb\nc', 'a\nc\nd')).toBe('- b\n+ d')
  expect(linesThatDiffer('a\nb', 'b\na')).toBe('the same lines in another order')
  expect(linesThatDiffer('', Array.from({ length: 50 }, (_, i) => `line ${i}`).join('\n'))).toMatch(
    /line 38\nand 11 more$/,
  )
})
