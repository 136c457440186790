// Follows docs/adopt.md from top to bottom, as a team that does not know this repository: with the packages of the release
// before, and then with those of this tree.
import { mkdir, mkdtemp, readFile, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { hasChromium, launchChromium } from '@taskwire/api/browser-testing'
import { AUDIENCE, startTestIssuer } from '@taskwire/api/issuer-testing'
import { startEmbeddedDatabase } from '@taskwire/embedded-db'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkOut, findCommit, root } from '../commit-tree.ts'
import { freePort } from '../instance.ts'
import { pack, setVersion } from './pack.ts'
import { readPage, type Section } from './page.ts'
import { startRegistry } from './registry.ts'
import { createWorkspace, type Workspace } from './workspace.ts'

const SCRIPT = `
import { createClient } from '@taskwire/client'
const { TASKS_URL: url, TOKEN: token, COOKIE: cookie } = process.env
const client = createClient({ url, token, fetch: (to, init) => fetch(to, cookie ? { ...init, headers: { ...init.headers, cookie } } : init) })
`

const cleanup = new AsyncDisposableStack()
afterAll(async () => await cleanup.disposeAsync())

const page = await readPage()
const unread = new Set(page.keys())
const directory = await realpath(await mkdtemp(join(tmpdir(), 'taskwire-adoption-')))
cleanup.defer(async () => await rm(directory, { recursive: true, maxRetries: 5 }))
const registry = cleanup.use(await startRegistry())
const ports = { api: await freePort(), web: await freePort(), service: await freePort() }
let workspace: Workspace
let versions: { before: string; now: string }
/** What the operator has noted of the set-up of production. */
let production: Record<string, string> = {}

beforeAll(async () => {
  versions = await packReleases()
  await registry.publish(join(directory, 'before'))
  workspace = await createWorkspace(join(directory, 'acme'), { registry: registry.url, ports })
}, 600_000)

/** Packs the release before and this tree. A release before of the same version gets an earlier one. */
async function packReleases(): Promise<{ before: string; now: string }> {
  // A committed file of this shape.
  const { commit } = JSON.parse(await readFile(join(root, 'packages/db/previous-release.json'), 'utf8')) as {
    commit: string
  }
  await mkdir(join(directory, 'checkout'))
  const tree = await checkOut(await findCommit(commit), join(directory, 'checkout'))
  const now = await versionOf(root)
  if ((await versionOf(tree)) === now) await setVersion(tree, `${now.replace(/-.*/, '')}-rc.0`)
  await pack(tree, join(directory, 'before'))
  await pack(root, join(directory, 'now'))
  return { before: await versionOf(tree), now }
}

/** A section of the page, with the ports of this workspace in place of those on the page. */
function read(heading: string): Section {
  const section = page.get(heading)
  if (section === undefined) throw new Error(`docs/adopt.md has no section ${heading}`)
  unread.delete(heading)
  const here = (text: string): string =>
    text.replaceAll(':3000', `:${ports.api}`).replaceAll(':4000', `:${ports.service}`)
  const files = Object.entries(section.files).map(([name, code]) => [name, here(code)] as const)
  return { files: Object.fromEntries(files), commands: section.commands.map(here) }
}

/** Runs a script with the client that `api` has installed; returns what it prints. */
async function call(script: string, env: Record<string, string>): Promise<string> {
  await workspace.write({ 'apps/api/script.mjs': `${SCRIPT}${script}` })
  return (await workspace.run('node apps/api/script.mjs', env)).trim()
}

const plugin = (user: string): Record<string, string> => ({
  TASKS_URL: `http://localhost:${ports.api}/tasks`,
  COOKIE: `session=${user}`,
})
/** The page creates a task when it is opened. */
const UNTIL_CREATED = `
const found = new AbortController()
await client.changes.follow({
  after: 0,
  signal: found.signal,
  onChange: ({ after }) => { if (after?.title === 'Buy milk') found.abort() },
})`
const PRINT_TITLES = `
const { items } = await client.tasks.list.query()
console.log(items.map(({ title }) => title).toSorted().join(', '))`

const dev = async (): Promise<AsyncDisposable[]> =>
  await Promise.all(
    ['api', 'web'].map(
      async (name) =>
        await workspace.start(`pnpm --filter ${name} dev`, { until: name === 'api' ? 'Server listening' : 'Local:' }),
    ),
  )

/** The versions of our packages in the workspace, each of which `api` and `web` name 7 times together. */
async function installed(): Promise<string[]> {
  const apps = ['api', 'web'].map(async (app) => {
    const manifest = await readFile(join(workspace.directory, 'apps', app, 'package.json'), 'utf8')
    return [...manifest.matchAll(/"(@taskwire\/\S+)":/g)].map(([, name = '']) =>
      join('apps', app, 'node_modules', name),
    )
  })
  const packages = (await Promise.all(apps)).flat()
  return await Promise.all(packages.map(async (name) => await versionOf(join(workspace.directory, name))))
}

async function versionOf(directory: string): Promise<string> {
  // Every package has one.
  return (JSON.parse(await readFile(join(directory, 'package.json'), 'utf8')) as { version: string }).version
}

test('the packages are installed, with one version', async () => {
  for (const command of read('Which packages?').commands) await workspace.run(command)
  expect(await installed()).toEqual(Array.from({ length: 7 }, () => versions.before))
})

test('a page calls the plugin, as the users of its server', async () => {
  const { files, commands } = read('How do I call it in development?')
  await workspace.write(files)
  await workspace.run('pnpm --recursive build')
  expect(commands).toEqual(['pnpm --filter api dev', 'pnpm --filter web dev'])
  const running = await dev()
  expect(await (await fetch(`http://localhost:${ports.api}/hello`)).text()).toBe('Hello')
  expect((await fetch(`http://localhost:${ports.api}/tasks/trpc/tasks.count`)).status).toBe(401)
  await call(`await client.tasks.create.mutate({ title: 'Water the plants' })`, plugin('ada'))
  if (hasChromium) {
    await using _ada = await openPage('ada')
    await using _ben = await openPage('ben')
    await call(UNTIL_CREATED, plugin('ada'))
    await call(UNTIL_CREATED, plugin('ben'))
    expect(await call(PRINT_TITLES, plugin('ben'))).toBe('Buy milk')
  } else console.log('docs/adopt.md: the page was not opened, since Chromium is not installed')
  for (const one of running) await one[Symbol.asyncDispose]()
})

/** Opens the page in a browser, as a user. */
async function openPage(user: string): Promise<AsyncDisposable> {
  const browser = await launchChromium()
  const page = await browser.newPage()
  await page.goto(`http://localhost:${ports.web}/?user=${user}`)
  return browser
}

test('their tests pass', async () => {
  const { files, commands } = read('How do I test?')
  await workspace.write(files)
  for (const command of commands) expect(await workspace.run(command)).toMatch(/Tests +1 passed/)
})

test('their users get in by tokens, and their services by a key', async () => {
  const { files, commands } = read('How do my users get in?')
  const [serve = '', createKey = '', ...others] = commands
  expect(others).toEqual([])
  await workspace.write(files)
  const running = await dev()

  await using issuer = await startTestIssuer()
  const service = await workspace.start(serve.replace('AUTH_AUDIENCE=tasks', `AUTH_AUDIENCE=${AUDIENCE}`), {
    until: `localhost:${ports.service}`,
    env: { ISSUER: issuer.url, PORT: String(ports.service), TASKWIRE_DIRECTORY: '.taskwire-service' },
  })
  const token = { TASKS_URL: `http://localhost:${ports.service}`, TOKEN: await issuer.sign('user|1') }
  await call(`await client.tasks.create.mutate({ title: 'By a token' })`, token)
  expect(await call(PRINT_TITLES, token)).toBe('By a token')
  await service[Symbol.asyncDispose]()

  const TOKEN = await workspace.run(createKey)
  const key = { TASKS_URL: plugin('')['TASKS_URL'] ?? '', TOKEN: /^\S+$/m.exec(TOKEN)?.[0] ?? '' }
  const bill = `const { bill } = await import('./dist/bill.js'); await bill(url, token, 'user|1', 'A-1001')`
  for (let time = 0; time < 2; time++) await call(bill, key)
  expect(await call(PRINT_TITLES, plugin('ada'))).toMatch(/Pay invoice A-1001/)
  for (const one of running) await one[Symbol.asyncDispose]()
})

/** Starts the server of production: what it needs of the workspace, without its tools. */
async function startProduction(): Promise<AsyncDisposable> {
  const { DATABASE_OWNER_URL: _, ...settings } = production
  await workspace.run(
    `rm -rf ../deployed && pnpm --filter api build && pnpm --filter api deploy --prod --legacy ../deployed`,
  )
  return await workspace.start('cd ../deployed && node dist/main.js', {
    until: 'Server listening',
    env: { ...settings, NODE_ENV: 'production' },
  })
}

test('production starts on a PostgreSQL of theirs', async () => {
  const [setUp = '', migrate = '', ...others] = read('How does it go to production?').commands
  expect(others).toEqual([])
  const server = cleanup.use(
    await startEmbeddedDatabase({
      directory: join(directory, 'postgres'),
      durable: false,
      settings: { synchronous_commit: 'on' },
    }),
  )
  const printed = await workspace.run(setUp, { ADMIN_URL: server.adminUrl })
  production = Object.fromEntries(
    [...printed.matchAll(/^(\w+)=(\S+)$/gm)].map(([, name = '', value = '']) => [name, value]),
  )
  expect(Object.keys(production)).toEqual([
    'DATABASE_URL',
    'DATABASE_AUTH_URL',
    'DATABASE_OWNER_URL',
    'TASKWIRE_SECRET',
  ])
  await workspace.run(migrate, production)
  await using _server = await startProduction()
  expect(await (await fetch(`${plugin('')['TASKS_URL']}/health/ready`)).json()).toEqual({ status: 'ok' })
  await call(`await client.tasks.create.mutate({ title: 'Before the upgrade' })`, plugin('ada'))
})

test('everything works with the next release, also for callers of the one before', async () => {
  await workspace.run('cp -R ../deployed ../callers-before')
  await registry.publish(join(directory, 'now'))
  for (const command of read('How do I upgrade?').commands) await workspace.run(command, production)
  expect(await installed()).toEqual(Array.from({ length: 7 }, () => versions.now))
  await workspace.run('pnpm --recursive build')
  expect(await workspace.run('pnpm --filter web test')).toMatch(/Tests +1 passed/)
  await using _server = await startProduction()
  await workspace.run(`cp apps/api/script.mjs ../callers-before/ && node ../callers-before/script.mjs`, plugin('ben'))
  expect(await call(PRINT_TITLES, plugin('ada'))).toBe('Before the upgrade')
  expect(await call(PRINT_TITLES, plugin('ben'))).toBe('Before the upgrade')
})

test('they leave with everything', async () => {
  for (const command of read('How do I leave again?').commands) await workspace.run(command, production)
  const rows = gunzipSync(await readFile(join(workspace.directory, 'apps/api/everything.gz'))).toString()
  expect(rows.match(/Before the upgrade/g)?.length).toBeGreaterThanOrEqual(2)
})

test('no section of the page was left out', () => {
  expect([...unread]).toEqual(['Which versions?'])
})
