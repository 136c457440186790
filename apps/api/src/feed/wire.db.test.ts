import { LIMITS } from '@taskwire/contract'
import { afterAll, expect, test } from 'vitest'
import { newCaller } from '../testing/caller.ts'
import { startTestService } from '../testing/service.ts'
import { refusalOf, send } from '../testing/wire.ts'
import { openRawStream, type WireEvent } from '../testing/streams.ts'

const service = await startTestService({ feedTimes: { heartbeatMs: 50 } })
afterAll(() => service[Symbol.asyncDispose]())

const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` })
const codeOf = ({ data }: WireEvent): unknown => (data as { data: { appCode: string } }).data.appCode

test('a stream on the wire has headers against buffering proxies, a retry field, and revisions as ids', async () => {
  const { client, user } = await newCaller(service)
  const { id } = await client.tasks.create.mutate({ title: 'first' })
  using stream = await openRawStream(service.url, bearer(user.token), { after: 0 })
  expect(stream.status).toBe(200)
  expect(stream.headers).toMatchObject({
    'content-type': 'text/event-stream',
    'cache-control': expect.stringMatching(/no-cache.*no-transform/),
    'x-accel-buffering': 'no',
    'x-content-type-options': 'nosniff',
  })
  expect(await stream.next()).toMatchObject({
    event: 'connected',
    data: { reconnectAfterInactivityMs: 3 * LIMITS.streamHeartbeatMs },
  })
  expect(stream.text()).toMatch(/^retry: [1-5]\d{3}\n\n/)
  const first = await stream.next()
  expect(first).toMatchObject({ event: 'message', id: '1', data: { type: 'change', change: { entityId: id } } })
  // The Change is the same as in the log.
  const { changes } = await client.changes.list.query({ after: 0 })
  expect(first.data).toEqual({ type: 'change', change: changes[0] })
  expect(await stream.next()).toEqual({ event: 'message', id: '1', data: { type: 'head', revision: 1 } })

  await client.tasks.update.mutate({ id, changes: { title: 'second' } })
  let next = await stream.next()
  // Heartbeats may come first.
  while ((next.data as { type: string }).type === 'head') next = await stream.next()
  expect(next).toMatchObject({ id: '2', data: { change: { revision: 2, after: { title: 'second' } } } })
  expect(await stream.next()).toEqual({ event: 'message', id: '2', data: { type: 'head', revision: 2 } })
})

test('without after and lastEventId, a stream starts at the head and sends its revision', async () => {
  const { client, user } = await newCaller(service)
  await client.tasks.createMany.mutate({ tasks: [{ title: 'a' }, { title: 'b' }] })
  for (const input of [undefined, {}]) {
    using stream = await openRawStream(service.url, bearer(user.token), input)
    expect(await stream.next('message')).toEqual({ event: 'message', id: '2', data: { type: 'head', revision: 2 } })
  }
})

test('lastEventId takes precedence over after, as a header, in the input and in the URL', async () => {
  const { client, user } = await newCaller(service)
  await client.tasks.createMany.mutate({ tasks: Array.from({ length: 5 }, (_, n) => ({ title: `${n}` })) })
  using byHeader = await openRawStream(service.url, { ...bearer(user.token), 'last-event-id': '3' }, { after: 1 })
  using byInput = await openRawStream(service.url, bearer(user.token), { after: 1, lastEventId: '3' })
  using byUrl = await openRawStream(service.url, bearer(user.token), undefined, 'changes.subscribe?lastEventId=3')
  using byAfter = await openRawStream(service.url, bearer(user.token), { after: 1 })
  expect((await byHeader.next('message')).id).toBe('4')
  expect((await byInput.next('message')).id).toBe('4')
  expect((await byUrl.next('message')).id).toBe('4')
  expect((await byAfter.next('message')).id).toBe('2')
})

test.each([
  ['a lastEventId that is not a number', { 'last-event-id': 'x' }, {}, 'VALIDATION'],
  ['a lastEventId that is too large', { 'last-event-id': '9999999999999999' }, {}, 'VALIDATION'],
  ['a lastEventId with a sign', { 'last-event-id': '-1' }, {}, 'VALIDATION'],
  ['a lastEventId with SQL in it', { 'last-event-id': '1;select 1' }, {}, 'VALIDATION'],
  ['a lastEventId above the head', { 'last-event-id': '999999' }, {}, 'RESYNC_REQUIRED'],
  ['an after above the head', {}, { after: 12 }, 'RESYNC_REQUIRED'],
  ['an after that is not a number', {}, { after: '1' }, 'VALIDATION'],
  ['an unknown field', {}, { since: 1 }, 'VALIDATION'],
])('%s is refused by an event', async (_, headers, input, appCode) => {
  const { user } = await newCaller(service)
  using stream = await openRawStream(service.url, { ...bearer(user.token), ...headers }, input)
  const refusal = await stream.next('serialized-error')
  expect(codeOf(refusal)).toBe(appCode)
  expect(refusal.data).toMatchObject({ message: expect.any(String), code: expect.any(Number) })
  expect(await stream.ended).toBe('ended')
})

test('a revision older than the kept part of the log is refused with RESYNC_REQUIRED', async () => {
  const { client, user } = await newCaller(service)
  await client.tasks.createMany.mutate({ tasks: Array.from({ length: 3 }, (_, n) => ({ title: `${n}` })) })
  await service.admin(`delete from tw.changes where space_id = $1 and revision <= 2`, [user.id])
  using old = await openRawStream(service.url, bearer(user.token), { after: 1 })
  expect(codeOf(await old.next('serialized-error'))).toBe('RESYNC_REQUIRED')
  using kept = await openRawStream(service.url, bearer(user.token), { after: 2 })
  expect((await kept.next('message')).id).toBe('3')
})

test('a lastEventId of another user’s log is read as a revision of the caller’s own log', async () => {
  const [ada, ben] = [await newCaller(service), await newCaller(service)]
  await ada.client.tasks.createMany.mutate({ tasks: [{ title: 'secret' }, { title: 'secret' }] })
  await ben.client.tasks.createMany.mutate({ tasks: [{ title: 'mine' }, { title: 'mine' }] })
  using stream = await openRawStream(service.url, { ...bearer(ben.user.token), 'last-event-id': '1' })
  expect(await stream.next('message')).toMatchObject({ id: '2', data: { change: { after: { title: 'mine' } } } })
  await ada.client.tasks.create.mutate({ title: 'secret' })
  await ben.client.tasks.create.mutate({ title: 'mine' })
  for (let id: string | undefined; id !== '3';) ({ id } = await stream.next('message'))
  expect(stream.text()).not.toContain('secret')
})

test('an unknown credential and a key without the scope are refused by an event', async () => {
  using stranger = await openRawStream(service.url, bearer('a'.repeat(32)))
  expect(codeOf(await stranger.next('serialized-error'))).toBe('UNAUTHENTICATED')
  const { client } = await newCaller(service)
  const { secret } = await client.keys.create.mutate({ name: 'k', scopes: ['account'] })
  using key = await openRawStream(service.url, bearer(secret))
  expect(codeOf(await key.next('serialized-error'))).toBe('FORBIDDEN')
})

test('a request without a credential, with a foreign origin or another major version is refused with a status', async () => {
  expect(refusalOf(await send(service.url, { path: '/trpc/changes.subscribe' })).appCode).toBe('UNAUTHENTICATED')
  const { user } = await newCaller(service)
  const foreign = { cookie: user.cookie, origin: 'https://evil.example' }
  const refused = await send(service.url, { path: '/trpc/changes.subscribe', headers: foreign })
  expect(refusalOf(refused)).toMatchObject({ appCode: 'FORBIDDEN' })
  const major = { ...bearer(user.token), 'x-taskwire-contract': '2.0.0' }
  expect(refusalOf(await send(service.url, { path: '/trpc/changes.subscribe', headers: major }))).toMatchObject({
    appCode: 'CONTRACT_MISMATCH',
  })
})

test('a subscription is refused by POST, in a batch and as JSONL, and served for HEAD and any other Accept', async () => {
  const { client, user } = await newCaller(service)
  await client.tasks.create.mutate({ title: 'x' })
  const headers = { ...bearer(user.token), 'content-type': 'application/json' }
  const posted = await send(service.url, { method: 'POST', path: '/trpc/changes.subscribe', headers, body: '{}' })
  expect(posted.text).toContain('"message":"Send queries and subscriptions by GET, and mutations by POST."')
  expect(posted.text).toContain('event: serialized-error')

  const two = '/trpc/changes.subscribe,changes.subscribe?batch=1&input=%7B%7D'
  const batch = await send(service.url, { path: two, headers })
  expect(batch.status).toBe(400)
  const answers = JSON.parse(batch.text) as { error: { message: string; data: { appCode: string } } }[]
  expect(answers.map(({ error }) => [error.data.appCode, error.message])).toEqual(
    Array.from({ length: 2 }, () => [
      'VALIDATION',
      'A subscription cannot be part of a batch; send it as a request of its own.',
    ]),
  )
  const mixed = await send(service.url, { path: '/trpc/changes.subscribe,me.get?batch=1&input=%7B%7D', headers })
  expect(mixed.status).toBe(400)

  expect(await send(service.url, { method: 'HEAD', path: '/trpc/changes.subscribe', headers })).toMatchObject({
    status: 204,
    text: '',
  })
  for (const accept of ['application/json', 'text/html', '*/*']) {
    using stream = await openRawStream(service.url, { ...headers, accept }, { after: 0 })
    expect([accept, (await stream.next('message')).id]).toEqual([accept, '1'])
  }
  const jsonl = await send(service.url, {
    path: '/trpc/changes.subscribe',
    headers: { ...headers, accept: 'application/jsonl' },
  })
  expect(jsonl.status).toBe(400)
})

test('a stream without Changes sends its head at every heartbeat', async () => {
  const { user } = await newCaller(service)
  using stream = await openRawStream(service.url, bearer(user.token))
  for (let beats = 0; beats < 5; beats++)
    expect(await stream.next('message')).toEqual({ event: 'message', id: '0', data: { type: 'head', revision: 0 } })
})
