import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:http2'
import { createTestDatabase } from '@taskwire/db/testing'
import Fastify from 'fastify'
import { afterAll, expect, test } from 'vitest'
import { taskwire } from './plugin.ts'
import { clientOf, optionsFor, startHost, userOf } from './testing/host.ts'

const database = await createTestDatabase()
afterAll(() => database[Symbol.asyncDispose]())

const options = optionsFor(database)

test('a page of another origin may not call by naming itself as the host of the request', async () => {
  await using host = await startHost({ ...options, userOf }, { trustProxy: true })
  const headers = {
    cookie: 'user=ada',
    origin: 'https://evil.example.com',
    'x-forwarded-host': 'evil.example.com',
    'x-forwarded-proto': 'https',
    'sec-fetch-site': 'cross-site',
  }
  expect((await fetch(`${host.url}/tasks/trpc/tasks.count`, { headers })).status).toBe(403)
})

test('in a host of HTTP/2 a body without a length is not read for a credential that is not verified', async () => {
  const read: unknown[] = []
  const app = Fastify({ http2: true })
  app.addHook('preValidation', async ({ body }) => void read.push(body ?? null))
  // The plugin is written for hosts of either protocol.
  await app.register(taskwire as never, options as never)
  const session = connect(await app.listen({ port: 0, host: '127.0.0.1' }))
  const post = async (path: string, authorization: string) => {
    const call = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/json',
      authorization,
    })
    call.on('error', () => {}).end('x'.repeat(500_000))
    await once(call.resume(), 'close')
  }
  await post('/tasks/trpc/tasks.create', `Bearer ${'a'.repeat(32)}`)
  await post('/tasks/trpc/system.health', '')
  session.close()
  await app.close()
  expect(read.filter((body) => body !== null)).toEqual([])
})

test.each([
  [401, 'UNAUTHENTICATED', null],
  [403, 'FORBIDDEN', null],
  [429, 'RATE_LIMITED', '7'],
  [503, 'UNAVAILABLE', '1'],
  [409, 'VALIDATION', null],
] as const)(
  "a hook of the host that throws %i gives the caller %s, and not the host's message",
  async (status, appCode, wait) => {
    const publicUrl = 'https://app.example.com/tasks'
    await using host = await startHost({ ...options, publicUrl, userOf }, {}, (app) => {
      app.addHook('onRequest', async (_request, reply) => {
        if (status === 429) reply.header('retry-after', '7')
        throw Object.assign(new Error('secret of the host'), { statusCode: status })
      })
    })
    const reply = await fetch(`${host.url}/tasks/trpc/tasks.count`, { headers: { cookie: 'user=ada' } })
    const expected = appCode === 'VALIDATION' ? 400 : status
    expect([reply.status, reply.headers.get('retry-after')]).toEqual([expected, wait])
    const retryAfterMs = wait === null ? {} : { retryAfterMs: Number(wait) * 1000 }
    const text = await reply.text()
    expect(JSON.parse(text)).toMatchObject({ error: { data: { appCode, httpStatus: expected, ...retryAfterMs } } })
    expect(text).not.toContain('secret')
    const signIn = await fetch(`${host.url}/tasks/auth/get-session`)
    expect([signIn.status, await signIn.json()]).toMatchObject([expected, { code: appCode }])
  },
)

test('whether browsers use only https for the domain is left to the host', async () => {
  await using host = await startHost({ ...options, userOf })
  const { headers } = await fetch(`${host.url}/tasks/health/live`)
  expect(headers.get('x-content-type-options')).toBe('nosniff')
  expect(headers.has('strict-transport-security')).toBe(false)
})

test('a host may assign the headers of a request', async () => {
  await using host = await startHost({ ...options, userOf }, {}, (app) => {
    app.addHook('onRequest', async (request) => {
      // Fastify then merges the headers into a new object at each read.
      request.headers = { 'x-of-the-host': 'yes' }
    })
  })
  const client = clientOf(host, randomUUID())
  const task = await client.tasks.create.mutate({ title: 'x' })
  expect(await client.tasks.get.query({ id: task.id })).toEqual(task)
})
