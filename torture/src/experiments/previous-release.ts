// Checks out the previous release (packages/db/previous-release.json), creates databases with this tree's migrations
// and functions, and runs the previous release's own database tests on them.
// Fails if one of these tests fails, if a start of the previous release changes the database, or if one of its
// migrations is missing in this tree.

import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { functionsDirectory, migrationsDirectory, readFunctions, RELEASE_FILE } from '@taskwire/db'
import { makeTemplate, TEST_SERVER } from '@taskwire/db/testing'
import { startEmbeddedDatabase } from '@taskwire/embedded-db'
import { checkOut, findCommit, root, runIn } from '../commit-tree.ts'
import type { Options, Result } from '../experiment.ts'

export const promise =
  "The previous release works on this release's migrations and functions: its own tests pass, and its start changes nothing."
export const negativeControl =
  'a later migration renames a column that the previous release reads; a function that it calls loses an argument'

/** Has the commit of the previous release; TASKWIRE_PREVIOUS overrides it. */
const PREVIOUS_RELEASE = join(root, 'packages', 'db', 'previous-release.json')
const MIGRATIONS = join('packages', 'db', 'migrations')
/** A short test that uses the database as the service does. */
const FIRST = '/first.db.test.ts'
const VERBS = ['actions', 'bulk.', 'create', 'filter', 'place', 'purge', 'search', 'trash', 'update']
const SIZES = {
  short: [FIRST, ...VERBS.map((verb) => `/tasks/${verb}`), '/lists/'],
  long: ['apps/api/src'],
}

/** A test that is added to the previous release: a start of that release must not change the database. */
const START = 'packages/db/src/start-of-previous.db.test.ts'
const START_TEST = `import { expect, test } from 'vitest'
import { migrate } from './migrate.ts'
import { createTestDatabase } from './testing/index.ts'
test('a start applies nothing', async () => {
  await using database = await createTestDatabase()
  expect(await migrate({ address: database.owner })).toEqual({ applied: [], functions: null })
})
`

type Directories = NonNullable<Parameters<typeof makeTemplate>[1]>
interface TestRun {
  passed: boolean
  summary: string
  output: string
}

export async function run({ size, isNegativeControl = false, print }: Options): Promise<Result> {
  // The committed file has this shape.
  const named = JSON.parse(await readFile(PREVIOUS_RELEASE, 'utf8')) as { commit: string }
  const commit = await findCommit(process.env['TASKWIRE_PREVIOUS'] ?? named.commit)
  const directory = await mkdtemp(join(tmpdir(), 'taskwire-previous-'))
  try {
    print(`installing ${commit}`)
    const tree = await checkOut(commit, directory)
    const { edited, missing } = await copyEditedMigrations(tree)
    const metrics = { 'previous release': commit, 'migrations edited since': edited }
    if (missing.length > 0)
      return { metrics, violations: [`migrations of the previous release are missing: ${missing.join(', ')}`] }
    const files = [START, ...(isNegativeControl ? [FIRST] : SIZES[size])]
    if (!isNegativeControl) {
      print('running the tests of that commit on the migrations and functions of this tree')
      const { passed, summary, output } = await runTests({ tree, directory, files })
      return {
        metrics: { ...metrics, tests: summary },
        violations: passed ? [] : [`the tests of the previous release failed: ${output.slice(-3000)}`],
      }
    }
    const found: string[] = []
    for (const [name, directories] of Object.entries(await breakDatabase(directory))) {
      print(`running the tests of that commit: ${name}`)
      const { passed, summary, output } = await runTests({ tree, directory, files, directories })
      if (!passed) found.push(`${name}: ${summary}: ${/^.*Error: .*$/m.exec(output)?.[0] ?? output.slice(-1000)}`)
    }
    // Both faults of the negative control have to be detected.
    return { metrics, violations: found.length === 2 ? found : [] }
  } finally {
    await rm(directory, { recursive: true, force: true, maxRetries: 5 })
  }
}

/**
 * Until the first release migrations are edited in place, and the service refuses an edited one. So the commit gets
 * this tree's version of its migrations, but no later migrations and no functions.
 */
async function copyEditedMigrations(tree: string): Promise<{ edited: number; missing: string[] }> {
  const ours = await namesIn(migrationsDirectory)
  let edited = 0
  const missing: string[] = []
  for (const name of await namesIn(join(tree, MIGRATIONS))) {
    const from = join(migrationsDirectory, name)
    const to = join(tree, MIGRATIONS, name)
    if (!ours.includes(name)) missing.push(name)
    else if ((await textOf(from)) !== (await textOf(to))) {
      edited++
      await cp(from, to, { recursive: true })
    }
  }
  return { edited, missing }
}

const textOf = async (migration: string): Promise<string> => await readFile(join(migration, 'migration.sql'), 'utf8')

async function namesIn(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true })
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
}

/** Runs tests of the previous release on databases that this tree's code has created. */
async function runTests(of: {
  tree: string
  directory: string
  files: string[]
  directories?: Directories
}): Promise<TestRun> {
  const { tree, files, directories } = of
  const directory = await mkdtemp(join(of.directory, 'postgres-'))
  const binDirectory = process.env['TASKWIRE_TEST_PG_BIN']
  await using server = await startEmbeddedDatabase({
    directory,
    durable: false,
    // As in the test run of this tree.
    settings: { max_connections: '300', synchronous_commit: 'on' },
    ...(binDirectory === undefined ? {} : { binDirectory }),
  })
  await makeTemplate(server.adminUrl, directories)
  await writeFile(join(tree, START), START_TEST)
  await writeFile(join(tree, 'previous.config.ts'), await configOf(tree))
  const { code, output } = await runIn(
    tree,
    join('node_modules', '.bin', 'vitest'),
    ['run', '--config', 'previous.config.ts', ...files],
    { [TEST_SERVER]: server.adminUrl },
  )
  return { passed: code === 0, summary: /^\s+Tests\s+(\d.*)$/m.exec(output)?.[1] ?? 'none', output }
}

/**
 * Returns a vitest configuration to use instead of the previous release's own, which would start another PostgreSQL.
 */
async function configOf(tree: string): Promise<string> {
  const source = join(tree, 'apps', 'api', 'src')
  const exclude = ['**/node_modules/**']
  // Tests that begin with an empty database would use only migrations of the previous release.
  for (const file of await readdir(source, { recursive: true }))
    if (file.endsWith('.db.test.ts') && (await readFile(join(source, file), 'utf8')).includes('createEmptyDatabase'))
      exclude.push(`**/${file}`)
  const test = { include: ['**/*.db.test.ts'], exclude, testTimeout: 300_000, hookTimeout: 90_000, maxWorkers: 2 }
  return `process.env['TASKWIRE_SEED'] ??= '20261122'\nexport default ${JSON.stringify({ test })}\n`
}

/** Makes a directory of migrations and one of functions, each of which breaks the previous release. */
async function breakDatabase(directory: string): Promise<Record<string, Directories>> {
  const migrations = join(directory, 'migrations')
  await cp(migrationsDirectory, migrations, { recursive: true })
  await cp(new URL('../broken-migration/', import.meta.url), migrations, { recursive: true })

  const functions = join(directory, 'functions')
  await cp(functionsDirectory, functions, { recursive: true })
  const file = join(functions, 'calls', 'authenticate.sql')
  const text = await readFile(file, 'utf8')
  const shorter = text.replace(/(function tw\.authenticate\([^)]*),[^,)]*\)/, '$1)')
  if (shorter === text)
    throw new Error(`${file} has no argument to remove: choose another function for the negative control`)
  await writeFile(file, shorter)
  await writeFile(join(functions, RELEASE_FILE), JSON.stringify({ release: readFunctions().release + 1, hash: '' }))
  return { 'a column is renamed': { directory: migrations }, 'an argument is lost': { functionsDirectory: functions } }
}
