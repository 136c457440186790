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

/** Opens a connection and sends the headers of a mutation, without its body. */
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
/** Returns everything that the service sends until it ends the connection. */
async function responseOn(socket: Socket): Promise<string> {
  let text = ''
  socket.on('data', (chunk: string) => (text += chunk))
  await once(socket, 'end')
  return text
}
const codeOf = (answer: string): string | undefined => /"appCode":"(\w+)"/.exec(answer)?.[1]

const LONG = `content-length: ${LIMITS.bodyBytes}`
const MALFORMED = {
  'no credential': [],
  'an empty credential': ['authorization: Bearer '],
  'a credential of another scheme': [`authorization: Basic ${token}`],
  'a token that is too short': [`authorization: Bearer ${token.slice(1)}`],
  'a token that is too long': [`authorization: Bearer ${token}a`],
  'a token with an invalid character': [`authorization: Bearer ${token.slice(1)}-`],
  'a key that is too short': ['authorization: Bearer tw_key_short'],
  'a key of an unknown kind': [`authorization: Bearer tw_other_${'a'.repeat(43)}`],
  'a cookie that is too short': ['cookie: taskwire.session_token=abc.sig'],
}

test.each(Object.entries(MALFORMED))(
  'with %s, the request is refused before its body arrives',
  async (_what, headers) => {
    for (const body of [LONG, 'content-length: 2', 'transfer-encoding: chunked'])
      for (const path of ['tasks.create', 'tasks.create,lists.create?batch=1', 'system.health', 'tasks.nothing']) {
        const socket = await sendHead([...headers, body], path)
        expect(codeOf(await responseOn(socket))).toBe('UNAUTHENTICATED')
        socket.destroy()
      }
  },
)

test('with an unknown credential, a long body is not read', async () => {
  for (const headers of [`authorization: Bearer ${'a'.repeat(32)}`, `authorization: Bearer tw_key_${'a'.repeat(43)}`])
    for (const body of [LONG, 'content-length: 100000', 'transfer-encoding: chunked']) {
      const socket = await sendHead([headers, body])
      expect(codeOf(await responseOn(socket))).toBe('UNAUTHENTICATED')
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
])('%s before the body arrives: POST %s, %s', async (appCode, path, type) => {
  for (const body of [LONG, 'transfer-encoding: chunked']) {
    const head = [`POST ${path} HTTP/1.1`, `authorization: Bearer ${token}`, `content-type: ${type}`, body]
    const socket = await sendAny(head)
    const [answer] = (await once(socket, 'data')) as [string]
    expect(codeOf(answer)).toBe(appCode)
    // That would be the message of a timeout.
    expect(answer).not.toContain('did not arrive in time')
    socket.destroy()
  }
})

test('a client that keeps sending receives the response, and is not reset', async () => {
  const socket = await sendHead([LONG])
  const errors: unknown[] = []
  socket.on('error', (error) => errors.push(error))
  expect(codeOf(await responseOn(socket))).toBe('UNAUTHENTICATED')
  for (let sent = 0; sent < LIMITS.bodyBytes; sent += 65_536)
    await new Promise((resolve) => socket.write(Buffer.alloc(65_536), resolve))
  socket.destroy()
  expect(errors).toEqual([])
})

test('a long body with an unverified credential is read once the credential is verified', async () => {
  const body = JSON.stringify({ title: 'x', description: ' '.repeat(200_000) })
  for (const credential of [{ authorization: `Bearer ${token}` }, { cookie }]) {
    const headers = { ...credential, 'content-type': 'application/json' }
    const answer = await send(service.url, { method: 'POST', path: '/trpc/tasks.create', headers, body })
    expect(refusalOf(answer)).toMatchObject({ appCode: 'VALIDATION', fields: [{ path: 'description' }] })
  }
})

test('public procedures need no credential, alone and in a batch', async () => {
  for (const path of ['system.health', 'system.contract', 'system.health,system.contract?batch=1&input=%7B%7D'])
    expect(await send(service.url, { path: `/trpc/${path}` })).toMatchObject({ status: 200 })
  expect(refusalOf(await send(service.url, { path: '/trpc/tasks.nothing' })).appCode).toBe('CONTRACT_MISMATCH')
})

test('a batch with a call that needs a credential is refused as a whole', async () => {
  const path = '/trpc/system.health,tasks.list?batch=1&input=%7B%7D'
  expect(refusalOf(await send(service.url, { path })).appCode).toBe('UNAUTHENTICATED')
})
