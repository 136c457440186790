import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { LIMITS } from '@taskwire/contract'
import { afterAll, expect, test } from 'vitest'
import { startTestService } from '../testing/service.ts'
import { refusalOf, send } from '../testing/wire.ts'

const service = await startTestService()
afterAll(() => service[Symbol.asyncDispose]())
const { token, cookie } = await service.signUp()
const { port } = new URL(service.url)

/** A connection on which the head of a mutation has been sent, and nothing of its body. */
async function sendHead(headers: string[], path = 'tasks.create'): Promise<Socket> {
  return await sendAny([`POST /trpc/${path} HTTP/1.1`, 'content-type: application/json', ...headers])
}
async function sendAny([line = '', ...headers]: string[]): Promise<Socket> {
  const socket = connect({ port: Number(port), host: '127.0.0.1', allowHalfOpen: true })
  await once(socket, 'connect')
  const head = [line, 'host: localhost', ...headers]
  socket.setEncoding('utf8').write(`${head.join('\r\n')}\r\n\r\n`)
  return socket
}
/** All that comes until the service has no more to say; what is still sent is not waited for. */
async function answerOn(socket: Socket): Promise<string> {
  let text = ''
  socket.on('data', (chunk: string) => (text += chunk))
  await once(socket, 'end')
  return text
}
const codeOf = (answer: string): string | undefined => /"appCode":"(\w+)"/.exec(answer)?.[1]

const LONG = `content-length: ${LIMITS.bodyBytes}`
const NOT_OURS = {
  none: [],
  'an empty one': ['authorization: Bearer '],
  'one of another scheme': [`authorization: Basic ${token}`],
  'one that is too short': [`authorization: Bearer ${token.slice(1)}`],
  'one that is too long': [`authorization: Bearer ${token}a`],
  'one with a mark in it': [`authorization: Bearer ${token.slice(1)}-`],
  'a key that is none': ['authorization: Bearer tw_key_short'],
  'a kind of key that there is not': [`authorization: Bearer tw_other_${'a'.repeat(43)}`],
  'a cookie that is too short': ['cookie: taskwire.session_token=abc.sig'],
}

test.each(Object.entries(NOT_OURS))('with %s for a credential, no body is waited for', async (_what, headers) => {
  for (const body of [LONG, 'content-length: 2', 'transfer-encoding: chunked'])
    for (const path of ['tasks.create', 'tasks.create,lists.create?batch=1', 'system.health', 'tasks.nothing']) {
      const socket = await sendHead([...headers, body], path)
      expect(codeOf(await answerOn(socket))).toBe('UNAUTHENTICATED')
      socket.destroy()
    }
})

test('with one that nobody has, little is read', async () => {
  for (const headers of [`authorization: Bearer ${'a'.repeat(32)}`, `authorization: Bearer tw_key_${'a'.repeat(43)}`])
    for (const body of [LONG, 'content-length: 100000', 'transfer-encoding: chunked']) {
      const socket = await sendHead([headers, body])
      expect(codeOf(await answerOn(socket))).toBe('UNAUTHENTICATED')
      socket.destroy()
    }
})

test.each([
  ['VALIDATION', '/trpc/me.delete', 'multipart/form-data; boundary=x'],
  ['VALIDATION', '/trpc/me.delete', 'application/octet-stream'],
  ['VALIDATION', '/trpc/me.delete', 'text/plain'],
  ['NOT_FOUND', '/nothing', 'application/json'],
  ['NOT_FOUND', '/nothing', 'text/plain'],
  ['NOT_FOUND', '/health/live', 'application/json'],
  ['NOT_FOUND', '/metrics', 'application/json'],
  ['NOT_FOUND', '/reset-password', 'application/json'],
  ['NOT_FOUND', '/trpc/tasks/create', 'application/json'],
])('%s without a body that nobody reads: POST %s, %s', async (appCode, path, type) => {
  for (const body of [LONG, 'transfer-encoding: chunked']) {
    const head = [`POST ${path} HTTP/1.1`, `authorization: Bearer ${token}`, `content-type: ${type}`, body]
    const socket = await sendAny(head)
    const [answer] = (await once(socket, 'data')) as [string]
    expect(codeOf(answer)).toBe(appCode)
    // So it says where time is up.
    expect(answer).not.toContain('did not arrive in time')
    socket.destroy()
  }
})

test('a sender that goes on sending sees the answer, and is not reset', async () => {
  const socket = await sendHead([LONG])
  const errors: unknown[] = []
  socket.on('error', (error) => errors.push(error))
  expect(codeOf(await answerOn(socket))).toBe('UNAUTHENTICATED')
  for (let sent = 0; sent < LIMITS.bodyBytes; sent += 65_536)
    await new Promise((resolve) => socket.write(Buffer.alloc(65_536), resolve))
  socket.destroy()
  expect(errors).toEqual([])
})

test('a long body of somebody who is not known yet is read, as soon as they are', async () => {
  const body = JSON.stringify({ title: 'x', description: ' '.repeat(200_000) })
  for (const credential of [{ authorization: `Bearer ${token}` }, { cookie }]) {
    const headers = { ...credential, 'content-type': 'application/json' }
    const answer = await send(service.url, { method: 'POST', path: '/trpc/tasks.create', headers, body })
    expect(refusalOf(answer)).toMatchObject({ appCode: 'VALIDATION', fields: [{ path: 'description' }] })
  }
})

test('what needs no caller is answered without one, alone and in a batch', async () => {
  for (const path of ['system.health', 'system.contract', 'system.health,system.contract?batch=1&input=%7B%7D'])
    expect(await send(service.url, { path: `/trpc/${path}` })).toMatchObject({ status: 200 })
  expect(refusalOf(await send(service.url, { path: '/trpc/tasks.nothing' })).appCode).toBe('CONTRACT_MISMATCH')
})

test('a batch of which one needs a caller is refused as a whole', async () => {
  const path = '/trpc/system.health,tasks.list?batch=1&input=%7B%7D'
  expect(refusalOf(await send(service.url, { path })).appCode).toBe('UNAUTHENTICATED')
})
