import { afterAll, expect, test } from 'vitest'
import { newCaller } from '../testing/caller.ts'
import { openRawStream } from '../testing/streams.ts'
import { startTestService } from '../testing/service.ts'
import { refusalOf, send } from '../testing/wire.ts'

const service = await startTestService({ feedTimes: { pollMs: 50 } })
afterAll(() => service[Symbol.asyncDispose]())
const { client, user } = await newCaller(service)

const LACKS_READ = 'This key lacks the scope tasks:read, which the call needs. Use a key that has it, or a session.'

async function messageFor(token: string, path: string, input: object, method = 'GET'): Promise<string> {
  const text = JSON.stringify(input)
  const refusal = refusalOf(
    await send(service.url, {
      method,
      path: method === 'GET' ? `/trpc/${path}?input=${encodeURIComponent(text)}` : `/trpc/${path}`,
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        ...(token.startsWith('tw_service_') ? { 'x-taskwire-user': user.id } : {}),
      },
      ...(method === 'GET' ? {} : { body: text }),
    }),
  )
  expect(refusal.appCode).toBe('FORBIDDEN')
  return refusal.message
}

test('a key without the scope is refused, with a message that names the scope', async () => {
  const { secret: reader } = await client.keys.create.mutate({ name: 'reader', scopes: ['tasks:read'] })
  const { secret: accountant } = await client.keys.create.mutate({ name: 'accountant', scopes: ['account'] })
  expect(await messageFor(accountant, 'tasks.list', {})).toBe(LACKS_READ)
  using stream = await openRawStream(service.url, { authorization: `Bearer ${accountant}` }, { after: 0 })
  expect(JSON.stringify(await stream.next('serialized-error'))).toContain(LACKS_READ)
  expect(await messageFor(await service.addServiceKey('tasks:write'), 'me.get', {})).toBe(
    LACKS_READ.replace('tasks:read', 'account'),
  )
  expect(await messageFor(reader, 'tasks.create', { title: 'x' }, 'POST')).toBe(
    LACKS_READ.replace('tasks:read', 'tasks:write'),
  )
  expect(await messageFor(reader, 'me.export', {})).toBe(
    'This key lacks a scope: the call needs account and tasks:read. Use a key that has both, or a session.',
  )
})

test('a call that needs a session refuses every key, with a message that says so', async () => {
  const { secret } = await client.keys.create.mutate({
    name: 'all',
    scopes: ['tasks:read', 'tasks:write', 'account'],
  })
  const needsSession = 'This call needs a session, and no key can make it. Sign in, and send the token of the session.'
  expect(await messageFor(secret, 'keys.create', { name: 'x', scopes: ['tasks:read'] }, 'POST')).toBe(needsSession)
  expect(await messageFor(secret, 'me.delete', {}, 'POST')).toBe(needsSession)
})

test('a stream whose key loses the scope ends, with a message that names the scope', async () => {
  const { secret } = await client.keys.create.mutate({ name: 'follower', scopes: ['tasks:read'] })
  using stream = await openRawStream(service.url, { authorization: `Bearer ${secret}` }, { after: 0 })
  await service.admin(`update tw.api_keys set scopes = '{account}' where name = 'follower'`)
  expect(JSON.stringify(await stream.next('serialized-error'))).toContain(LACKS_READ)
})
