import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { LIMITS } from '@taskwire/contract'
import { afterAll, expect, test } from 'vitest'
import { newCaller } from '../testing/caller.ts'
import { metric, startTestService, until } from '../testing/service.ts'
import { send } from '../testing/wire.ts'

// `stuckMs` also limits how long a reply may take, so it cannot be much shorter.
const service = await startTestService({ feedTimes: { stuckMs: 5000, heartbeatMs: 100 } })
afterAll(() => service[Symbol.asyncDispose]())
const { url } = service

const bufferedBytes = async (): Promise<number> => await metric(url, 'taskwire_buffered_bytes')
async function sendHead(token: string, line: string, ...headers: string[]): Promise<Socket> {
  const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1' })
  await once(socket, 'connect')
  const head = [`${line} HTTP/1.1`, 'host: localhost', `authorization: Bearer ${token}`, ...headers]
  socket.setEncoding('utf8').write(`${head.join('\r\n')}\r\n\r\n`)
  return socket
}

const LONGEST = '😀'.repeat(LIMITS.description)
const PAGES = `/trpc/${Array.from({ length: LIMITS.batch }, () => 'tasks.list').join()}?batch=1&input=${encodeURIComponent(
  JSON.stringify(Object.fromEntries(Array.from({ length: LIMITS.batch }, (_, at) => [at, { limit: 100 }]))),
)}`

async function signUpWithLongTasks(): Promise<string> {
  const { user, client } = await newCaller(service)
  await client.tasks.createMany.mutate({
    tasks: Array.from({ length: 100 }, () => ({ title: 'x', description: LONGEST })),
  })
  return user.token
}

test('in a batch, the calls beyond some megabytes of replies are refused with OVERLOADED', async () => {
  const token = await signUpWithLongTasks()
  const { text } = await send(url, { path: PAGES, headers: { authorization: `Bearer ${token}` } })
  const answers = JSON.parse(text) as { error?: { data: { appCode: string } } }[]
  const codes = answers.map(({ error }) => error?.data.appCode)
  expect(new Set(codes)).toEqual(new Set([undefined, 'OVERLOADED']))
  expect(Buffer.byteLength(text)).toBeLessThan(16 * 1024 * 1024)
  await until(async () => (await bufferedBytes()) === 0)
})

test('a reply that the client does not read is dropped after a while', async () => {
  const socket = await sendHead(await signUpWithLongTasks(), `GET ${PAGES}`)
  socket.pause()
  await until(async () => (await bufferedBytes()) > 8 * 1024 * 1024)
  await until(async () => (await bufferedBytes()) === 0)
  socket.destroy()
})

test('a page of a stream is buffered until it is read, and a waiting stream buffers nothing', async () => {
  const token = await signUpWithLongTasks()
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  // More than the socket buffers hold.
  for (const description of Array.from({ length: 16 }, (_, n) => `${n}${LONGEST.slice(8)}`)) {
    const input = {
      filter: { complete: false },
      maxAffected: 100,
      action: { type: 'update', changes: { description } },
    }
    const body = JSON.stringify(input)
    const { status } = await send(url, { method: 'POST', path: '/trpc/tasks.bulk', headers, body })
    expect(status).toBe(200)
  }
  const stream = 'GET /trpc/changes.subscribe?input=%7B%22after%22%3A0%7D'
  const reading = await sendHead(token, stream)
  let tail = ''
  reading.on('data', (text: string) => (tail = tail.slice(-100) + text))
  await until(async () => tail.includes('"type":"head"'))
  expect(await bufferedBytes()).toBe(0)

  const stuck = await sendHead(token, stream)
  stuck.pause()
  await until(async () => (await bufferedBytes()) > 500_000)
  await until(async () => (await bufferedBytes()) === 0)
  for (const socket of [reading, stuck]) socket.destroy()
})

test.each([
  ['', () => []],
  [', even if they name different spaces', () => [`x-taskwire-space: ${randomUUID()}`]],
  [', even if they name different users', () => [`x-taskwire-user: ${randomUUID()}`]],
])('the buffered bodies of one user are limited%s, and leave room for those of others', async (_name, headersOf) => {
  const [{ user }, { user: other }] = await Promise.all([newCaller(service), newCaller(service)])
  const post = ['POST /trpc/tasks.createMany', 'content-type: application/json'] as const
  const refusals: string[] = []
  const sockets: Socket[] = []
  for (let n = 0; n < 40; n++) {
    const socket = await sendHead(user.token, ...post, `content-length: ${LIMITS.bodyBytes}`, ...headersOf())
    socket.on('data', (answer: string) => refusals.push(answer))
    sockets.push(socket)
  }
  await until(async () => refusals.length > 0)
  expect(refusals[0]).toContain('"appCode":"OVERLOADED"')
  expect(await bufferedBytes()).toBeGreaterThan(100 * 1024 * 1024)
  expect(await bufferedBytes()).toBeLessThan(140 * 1024 * 1024)

  const body = JSON.stringify({ tasks: Array.from({ length: 100 }, () => ({ title: 'x', description: LONGEST })) })
  const headers = { authorization: `Bearer ${other.token}`, 'content-type': 'application/json' }
  expect(await send(url, { method: 'POST', path: '/trpc/tasks.createMany', headers, body })).toMatchObject({
    status: 200,
  })
  for (const socket of sockets) socket.destroy()
  await until(async () => (await bufferedBytes()) === 0)
})
