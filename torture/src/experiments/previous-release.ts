import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { functionsDirectory, migrationsDirectory, readFunctions, RELEASE_FILE } from '@taskwire/db'
import { makeTemplate, TEST_SERVER } from '@taskwire/db/testing'
import { startEmbeddedDatabase } from '@taskwire/embedded-db'
import { checkOut, findCommit, root, runIn } from '../commit-tree.ts'
import type { Options, Result } from '../experiment.ts'

export const promise =
  "The previous release works on this release's migrations and functions: its own tests pass there, and its start leaves them alone."
export const sabotage =
  'a further migration renames a column that it reads; then a function that it calls has lost an argument'

/** Names the commit; TASKWIRE_PREVIOUS names another one. */
const NAMED = join(root, 'packages', 'db', 'previous-release.json')
const MIGRATIONS = join('packages', 'db', 'migrations')
/** Tests that call the database as the service does. */
const FIRST = '/first.db.test.ts'
const VERBS = ['actions', 'bulk.', 'create', 'filter', 'place', 'purge', 'search', 'trash', 'update']
const SIZES = {
  short: [FIRST, ...VERBS.map((verb) => `/tasks/${verb}`), '/lists/'],
  long: ['apps/api/src'],
}

/** Added to the tests of the previous release: what a start of it does to the database first. */
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
interface Tested {
  passed: boolean
  summary: string
  said: string
}

export async function run({ size, saboteur = false, say }: Options): Promise<Result> {
  // As it is committed.
  const named = JSON.parse(await readFile(NAMED, 'utf8')) as { commit: string }
  const commit = await findCommit(process.env['TASKWIRE_PREVIOUS'] ?? named.commit)
  const directory = await mkdtemp(join(tmpdir(), 'taskwire-previous-'))
  try {
    say(`installing ${commit}`)
    const tree = await checkOut(commit, directory)
    const { edited, missing } = await takeEdited(tree)
    const figures = { 'previous release': commit, 'migrations edited since': edited }
    if (missing.length > 0) return { figures, red: [`its migrations ${missing.join(', ')} are gone`] }
    const files = [START, ...(saboteur ? [FIRST] : SIZES[size])]
    if (!saboteur) {
      say('running its tests on the migrations and functions of this tree')
      const { passed, summary, said } = await runTests({ tree, directory, files })
      return { figures: { ...figures, tests: summary }, red: passed ? [] : [`its tests failed: ${said.slice(-3000)}`] }
    }
    const found: string[] = []
    for (const [name, directories] of Object.entries(await breakDatabase(directory))) {
      say(`running its tests: ${name}`)
      const { passed, summary, said } = await runTests({ tree, directory, files, directories })
      if (!passed) found.push(`${name}: ${summary}: ${/^.*Error: .*$/m.exec(said)?.[0] ?? said.slice(-1000)}`)
    }
    // Each of them has to be found.
    return { figures, red: found.length === 2 ? found : [] }
  } finally {
    await rm(directory, { recursive: true, force: true, maxRetries: 5 })
  }
}

/**
 * Until the first release migrations are edited in place, and one that was edited is refused: those of the commit
 * become those of this tree. Further ones, and all functions, it does not know of.
 */
async function takeEdited(tree: string): Promise<{ edited: number; missing: string[] }> {
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

/** Runs tests of the tree on a PostgreSQL whose databases are made by this tree's code. */
async function runTests(of: {
  tree: string
  directory: string
  files: string[]
  directories?: Directories
}): Promise<Tested> {
  const { tree, files, directories } = of
  const directory = await mkdtemp(join(of.directory, 'postgres-'))
  const binDirectory = process.env['TASKWIRE_TEST_PG_BIN']
  await using server = await startEmbeddedDatabase({
    directory,
    durable: false,
    // As the tests' own.
    settings: { max_connections: '300', synchronous_commit: 'on' },
    ...(binDirectory === undefined ? {} : { binDirectory }),
  })
  await makeTemplate(server.adminUrl, directories)
  await writeFile(join(tree, START), START_TEST)
  await writeFile(join(tree, 'previous.config.ts'), await configOf(tree))
  const { code, said } = await runIn(
    tree,
    join('node_modules', '.bin', 'vitest'),
    ['run', '--config', 'previous.config.ts', ...files],
    { [TEST_SERVER]: server.adminUrl },
  )
  return { passed: code === 0, summary: /^\s+Tests\s+(\d.*)$/m.exec(said)?.[1] ?? 'none', said }
}

/** The tree's vitest would start a PostgreSQL of the tree's own. */
async function configOf(tree: string): Promise<string> {
  const source = join(tree, 'apps', 'api', 'src')
  const exclude = ['**/node_modules/**']
  // Those that begin with an empty database show what the previous release makes by itself.
  for (const file of await readdir(source, { recursive: true }))
    if (file.endsWith('.db.test.ts') && (await readFile(join(source, file), 'utf8')).includes('createEmptyDatabase'))
      exclude.push(`**/${file}`)
  const test = { include: ['**/*.db.test.ts'], exclude, testTimeout: 300_000, hookTimeout: 90_000, maxWorkers: 2 }
  return `process.env['TASKWIRE_SEED'] ??= '20261122'\nexport default ${JSON.stringify({ test })}\n`
}

/** What no release may do while the one before still runs, each as the directories of a release that does it. */
async function breakDatabase(directory: string): Promise<Record<string, Directories>> {
  const migrations = join(directory, 'migrations')
  await cp(migrationsDirectory, migrations, { recursive: true })
  await cp(new URL('../sabotage/', import.meta.url), migrations, { recursive: true })

  const functions = join(directory, 'functions')
  await cp(functionsDirectory, functions, { recursive: true })
  const file = join(functions, 'calls', 'authenticate.sql')
  const text = await readFile(file, 'utf8')
  const shorter = text.replace(/(function tw\.authenticate\([^)]*),[^,)]*\)/, '$1)')
  if (shorter === text) throw new Error(`${file} has no argument to lose: let the negative control take another one`)
  await writeFile(file, shorter)
  await writeFile(join(functions, RELEASE_FILE), JSON.stringify({ release: readFunctions().release + 1, hash: '' }))
  return { 'a column is renamed': { directory: migrations }, 'an argument is lost': { functionsDirectory: functions } }
}
