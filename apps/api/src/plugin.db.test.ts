import { randomUUID } from 'node:crypto'
import cors from '@fastify/cors'
import { createClient, failureOf, signUp } from '@taskwire/client'
import { connectOnce } from '@taskwire/db'
import { createTestDatabase } from '@taskwire/db/testing'
import Fastify from 'fastify'
import { afterAll, expect, test } from 'vitest'
import { taskwire } from './plugin.ts'
import { clientOf, optionsFor, startHost, userOf } from './testing/host.ts'

const database = await createTestDatabase()
afterAll(() => database[Symbol.asyncDispose]())

const options = optionsFor(database)

test("the host's users call below the prefix, and a user's first call creates the account", async () => {
  await using host = await startHost({ ...options, userOf })
  const [ada, bob] = [randomUUID(), randomUUID()]
  const task = await clientOf(host, ada).tasks.create.mutate({ title: 'Of Ada' })
  expect(await clientOf(host, ada).tasks.get.query({ id: task.id })).toEqual(task)
  expect(await clientOf(host, ada).me.get.query()).toMatchObject({ externalId: ada, name: 'Of the host' })
  expect((await clientOf(host, bob).tasks.list.query({})).items).toEqual([])
  // The names of the procedures in one request are longer than Fastify allows a parameter of a path to be.
  const client = clientOf(host, ada)
  const many = await Promise.all(Array.from({ length: 20 }, async () => await client.tasks.count.query({})))
  expect(many.map(({ total }) => total)).toEqual(many.map(() => 1))
  expect((await fetch(`${host.url}/tasks/trpc/tasks.list`)).status).toBe(401)
})

test('userOf may be asynchronous; if it throws, the call is UNAUTHENTICATED', async () => {
  await using host = await startHost({
    ...options,
    async userOf(request) {
      const user = userOf(request)
      if ((await user)?.externalId === 'broken') throw new Error('The session store is gone')
      return await user
    },
  })
  expect(await clientOf(host, 'somebody').tasks.count.query({})).toMatchObject({ total: 0 })
  const refused = await clientOf(host, 'broken').tasks.count.query({}).catch(failureOf)
  expect(refused).toMatchObject({ appCode: 'UNAUTHENTICATED' })
})

test('pages of the host may call, pages of other origins may not', async () => {
  await using host = await startHost({ ...options, userOf })
  const call = async (origin: string) =>
    await fetch(`${host.url}/tasks/trpc/tasks.count`, { headers: { cookie: 'user=ada', origin } })
  expect((await call(host.url)).status).toBe(200)
  for (const origin of ['https://evil.example.com', 'http://localhost:4000'])
    expect((await call(origin)).status).toBe(403)
})

test("the plugin does not change the host's routes, errors and headers", async () => {
  await using host = await startHost({ ...options, userOf })
  const headers = { 'content-type': 'application/json', origin: 'https://other.example.com' }
  const own = await fetch(`${host.url}/own`, { method: 'POST', headers, body: '{"a":1}' })
  expect(await own.json()).toEqual({ body: { a: 1 } })
  expect([...own.headers.keys()].toSorted()).toEqual([
    'connection',
    'content-length',
    'content-type',
    'date',
    'keep-alive',
  ])
  const fails = await fetch(`${host.url}/fails`)
  expect([fails.status, await fails.json()]).toEqual([418, { host: 'Error: of the host' }])
  for (const path of ['/nothing', '/trpc/tasks.list', '/auth/get-session', '/health/live', '/metrics'])
    expect(await (await fetch(host.url + path)).json()).toEqual({ host: 'nothing' })
  const missing = await fetch(`${host.url}/tasks/nothing`)
  expect(await missing.json()).toMatchObject({ error: { data: { appCode: 'NOT_FOUND' } } })
  expect((await fetch(`${host.url}/tasks/health/ready`)).status).toBe(200)
  // The plugin serves no metrics: those of the process belong to the host.
  expect((await fetch(`${host.url}/tasks/metrics`)).status).toBe(404)
})

test("the plugin uses the host's limit on bodies and its request ids", async () => {
  const settings = { bodyLimit: 2000, genReqId: () => `host-${randomUUID()}`, trustProxy: true }
  await using host = await startHost({ ...options, userOf }, settings)
  const client = clientOf(host, randomUUID())
  const refused = await client.tasks.create.mutate({ title: 'x', description: 'y'.repeat(3000) }).catch(failureOf)
  expect(refused).toMatchObject({ appCode: 'LIMIT_EXCEEDED', message: expect.stringContaining('2000 bytes') })
  await client.tasks.create.mutate({ title: 'x' })
  const [change] = (await client.changes.list.query({ after: 0 })).changes
  expect(change?.requestId).toMatch(/^host-/)
  expect(host.log.filter((line) => line.includes(change?.requestId ?? 'none')).length).toBeGreaterThan(0)
})

test('calls of a user beyond the rate limit are refused', async () => {
  await using host = await startHost({ ...options, settings: { RATE_LIMIT_PER_MINUTE: '3' }, userOf })
  const headers = { cookie: `user=${randomUUID()}`, 'content-type': 'application/json' }
  const answers: number[] = []
  for (let nr = 0; nr < 6; nr++)
    answers.push(
      (await fetch(`${host.url}/tasks/trpc/tasks.create`, { method: 'POST', headers, body: '{"title":"x"}' })).status,
    )
  expect(answers).toEqual([200, 200, 200, 429, 429, 429])
})

test("errors are logged by the host's logger, without SQL", async () => {
  await using own = await createTestDatabase()
  const address = { url: own.url('taskwire_app'), authUrl: own.url('taskwire_auth') }
  await using host = await startHost({ ...options, database: address, userOf })
  {
    await using admin = await connectOnce({ address: own.admin, applicationName: 'test' })
    await admin.sql`alter table tw.tasks rename column title to away`
  }
  const refused = await clientOf(host, randomUUID()).tasks.list.query({}).catch(failureOf)
  expect(refused).toMatchObject({ appCode: 'INTERNAL' })
  const line = host.log.find((text) => text.includes('call failed')) ?? ''
  expect(JSON.parse(line)).toMatchObject({
    path: 'tasks.list',
    err: { message: expect.stringContaining('PostgresError 42703') },
  })
  expect(line).not.toMatch(/select|away|title/)
})

test("the host's CORS applies below the prefix too", async () => {
  await using host = await startHost({ ...options, userOf }, {}, async (app) => {
    await app.register(cors, { origin: 'https://app.example.com', credentials: true })
  })
  const preflight = await fetch(`${host.url}/tasks/trpc/tasks.list`, {
    method: 'OPTIONS',
    headers: { origin: 'https://app.example.com', 'access-control-request-method': 'POST' },
  })
  expect(preflight.headers.get('access-control-allow-origin')).toBe('https://app.example.com')
})

const statusWithCookie = async (url: string, cookie: string) =>
  (await fetch(`${url}/trpc/me.get`, { headers: { cookie } })).status

test('with publicUrl, users can sign up below the prefix', async () => {
  const publicUrl = 'https://app.example.com/tasks'
  await using host = await startHost({ ...options, publicUrl })
  const url = `${host.url}/tasks`
  const account = { email: `${randomUUID()}@example.com`, password: 'correct horse', name: 'A' }
  const { token } = await signUp({ url, ...account })
  expect(await createClient({ url, token }).me.get.query()).toMatchObject({ email: account.email })
  expect(await statusWithCookie(url, `__Secure-taskwire.session_token=${token}`)).toBe(200)
  expect(await statusWithCookie(url, `taskwire.session_token=${token}`)).toBe(401)
  // A host without publicUrl sets no cookie, and reads none.
  await using other = await startHost({ ...options, userOf })
  for (const name of ['taskwire.session_token', '__Secure-taskwire.session_token'])
    expect(await statusWithCookie(`${other.url}/tasks`, `${name}=${token}`)).toBe(401)
  expect((await fetch(`${url}/reset-password`)).status).toBe(200)
})

test('closing the host ends the streams and the connections to the database', async () => {
  await using own = await createTestDatabase()
  const address = { url: own.url('taskwire_app'), authUrl: own.url('taskwire_auth') }
  const host = await startHost({ ...options, database: address, userOf })
  const client = clientOf(host, randomUUID())
  await client.tasks.create.mutate({ title: 'x' })
  const stream = await fetch(`${host.url}/tasks/trpc/changes.subscribe?input=${encodeURIComponent('{"after":0}')}`, {
    headers: { cookie: `user=${randomUUID()}` },
  })
  expect(stream.status).toBe(200)
  await host.app.close()
  expect(await stream.text()).toContain('event: ')
  await using admin = await connectOnce({ address: own.admin, applicationName: 'test' })
  const left = await admin.sql`
    select application_name from pg_stat_activity where datname = ${own.name} and application_name like 'taskwire%'`
  expect([...left]).toEqual([])
})

test('closing one of two hosts in a process leaves the other one working', async () => {
  await using one = await startHost({ ...options, userOf })
  const user = randomUUID()
  {
    await using other = await startHost({ ...options, prefix: '/other', userOf })
    expect((await fetch(`${other.url}/other/health/ready`)).status).toBe(200)
  }
  expect(await clientOf(one, user).tasks.count.query({})).toMatchObject({ total: 0 })
})

test('AUTH_ISSUER is refused together with userOf, which would be asked instead', async () => {
  const app = Fastify()
  const settings = { AUTH_ISSUER: 'https://login.example.com', AUTH_AUDIENCE: 'tasks' }
  await expect(app.register(taskwire, { ...options, settings, userOf })).rejects.toThrow(
    'AUTH_ISSUER cannot be set together with userOf',
  )
  await app.close()
})

test('a missing option is refused by its name, and a login that would see every row is refused', async () => {
  const app = Fastify()
  const { secret: _, ...withoutSecret } = options
  await expect(app.register(taskwire, withoutSecret)).rejects.toThrow(/- secret is missing: with database\.url/)
  await app.close()
  const other = Fastify()
  const { user, password, host, port } = database.admin
  const url = `postgres://${user}:${password}@${host}:${port}/${database.name}`
  await expect(other.register(taskwire, { ...options, database: { ...options.database, url } })).rejects.toThrow(
    /a superuser/,
  )
  await other.close()
})
