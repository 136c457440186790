import { signOut } from '@taskwire/client'
import { afterAll, expect, test } from 'vitest'
import { newCaller } from '../testing/caller.ts'
import { startTestService } from '../testing/service.ts'
import { send } from '../testing/wire.ts'

const service = await startTestService({ env: { LOG_LEVEL: 'debug' } })
afterAll(() => service[Symbol.asyncDispose]())

interface Line {
  level: number
  msg: string
  requestId?: string
  [more: string]: unknown
}
const lines = (): Line[] => service.log.map((line) => JSON.parse(line) as Line)

test('each request has one line with its id, its path without the query string, and its status', async () => {
  const { call } = await newCaller(service)
  await call('tasks.get', { id: 'planted-input' }, { 'x-request-id': 'one-of-mine' })
  const own = lines().filter(({ requestId }) => requestId === 'one-of-mine')
  expect(own).toHaveLength(1)
  expect(own[0]).toMatchObject({
    msg: 'request',
    method: 'GET',
    path: '/trpc/tasks.get',
    status: 400,
    from: '127.0.0.1',
  })
})

test('an internal error has a line with its stack, in addition to the line of its request', async () => {
  const { call } = await newCaller(service)
  await service.admin('revoke execute on function tw.list_json(tw.lists) from taskwire_app')
  const headers = { 'x-request-id': 'a-failure' }
  await expect(call('lists.create', { name: 'planted-name' }, headers)).rejects.toThrow('INTERNAL')
  await service.admin('grant execute on function tw.list_json(tw.lists) to taskwire_app')
  const own = lines().filter(({ requestId }) => requestId === 'a-failure')
  expect(own.map(({ msg, level }) => [msg, level])).toEqual([
    ['call failed', 50],
    ['request', 30],
  ])
  expect(own[0]).toMatchObject({
    path: 'lists.create',
    appCode: 'INTERNAL',
    err: { type: 'AppError', message: 'AppError < DatabaseError internal < PostgresError 42501' },
  })
})

test('health checks and metrics are not logged', async () => {
  const before = service.log.length
  for (const path of ['/health/live', '/health/ready', '/metrics']) await send(service.url, { path })
  expect(service.log.slice(before)).toEqual([])
})

test('no input, credential or header value is logged', async () => {
  const { client, call, user } = await newCaller(service)
  const planted = 'planted'
  const task = await client.tasks.create.mutate({ title: `${planted} title`, description: planted, tags: [planted] })
  await client.lists.create.mutate({ name: `${planted} list` })
  await client.tasks.list.query({ filter: { search: planted } })
  await client.me.update.mutate({ name: `${planted} name` })
  const { secret } = await client.keys.create.mutate({ name: planted, scopes: ['tasks:write'] })
  await call(
    'tasks.update',
    { id: task.id, changes: { title: planted, nothing: planted } },
    { authorization: `Bearer ${secret}` },
  )
  await call('tasks.create', { id: task.id, title: `${planted} again` })
  for (const headers of [
    { authorization: `Bearer ${planted}-token` },
    { authorization: `Basic ${planted}` },
    { cookie: `taskwire.session_token=${planted}` },
    { 'x-planted': planted, referer: `https://example.com/?q=${planted}`, 'user-agent': planted },
    { 'x-taskwire-user': planted },
    { 'x-request-id': `${planted} with blanks` },
  ])
    await send(service.url, { path: `/trpc/tasks.list?input=${planted}&token=${planted}`, headers })
  await send(service.url, {
    method: 'POST',
    path: '/trpc/tasks.create',
    headers: { 'content-type': 'application/json' },
    body: `{"${planted}`,
  })
  await send(service.url, { path: `/nothing?${planted}=${planted}` })
  await send(service.url, { path: `/auth/get-session?${planted}`, headers: { cookie: user.cookie } })
  for (const path of ['sign-in/email', 'sign-up/email'])
    await send(service.url, {
      method: 'POST',
      path: `/auth/${path}`,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: `${planted}@example.com`, password: `${planted}-password`, name: planted }),
    })
  await signOut({ url: service.url, token: user.token })

  const log = service.log.join('')
  expect(log).not.toContain(planted)
  expect(log).not.toContain('one-time')
  for (const hidden of [secret, user.token, user.password, user.email, 'signature']) expect(log).not.toContain(hidden)
  // No SQL, and no query string.
  expect(log).not.toMatch(/\binput=|select |insert into|\$1|\?/i)
})

test('every line is JSON, and lines of requests have the request id', () => {
  for (const line of lines()) {
    expect(line.msg).toBeTypeOf('string')
    if (line.msg === 'request' || line.msg === 'call failed') expect(line.requestId).toMatch(/^[\w.:-]{1,100}$/)
  }
})
