import { connect } from 'node:net'
import { LIMITS } from '@taskwire/contract'
import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc'
import { afterAll, expect, test } from 'vitest'
import { startTestService } from '../testing/service.ts'
import { type Received, refusalOf, send, type Sent } from '../testing/wire.ts'

const service = await startTestService()
afterAll(() => service[Symbol.asyncDispose]())
const { token } = await service.signUp()

const JSON_TYPE = { 'content-type': 'application/json' }
const authorized = { authorization: `Bearer ${token}`, ...JSON_TYPE }

async function post(path: string, body: string, headers: Record<string, string> = authorized): Promise<Received> {
  return await send(service.url, { method: 'POST', path: `/trpc/${path}`, body, headers })
}
async function get(path: string, input?: string): Promise<Received> {
  const query = input === undefined ? '' : `${path.includes('?') ? '&' : '?'}input=${encodeURIComponent(input)}`
  return await send(service.url, { path: `/trpc/${path}${query}`, headers: authorized })
}
const create = JSON.stringify({ title: 'x' })
const deep = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels)

const refused: [string, string, () => Promise<Received>][] = [
  ['VALIDATION', 'a body that is not JSON', async () => await post('tasks.create', '{"title": "secret", }')],
  ['VALIDATION', 'no body', async () => await post('tasks.create', '')],
  ['VALIDATION', 'an array for an input', async () => await post('tasks.create', '[]')],
  ['VALIDATION', 'null for an input', async () => await post('me.delete', 'null')],
  ['VALIDATION', 'an input in a query that is not JSON', async () => await get('tasks.list', '{secret')],
  [
    'VALIDATION',
    'text/plain',
    async () => await post('tasks.create', create, { ...authorized, 'content-type': 'text/plain' }),
  ],
  [
    'VALIDATION',
    'a form',
    async () =>
      await post('tasks.create', 'title=x', { ...authorized, 'content-type': 'application/x-www-form-urlencoded' }),
  ],
  [
    'VALIDATION',
    'no content type',
    async () => await post('tasks.create', create, { authorization: `Bearer ${token}` }),
  ],
  [
    'VALIDATION',
    'bytes',
    async () => await post('tasks.create', create, { ...authorized, 'content-type': 'application/octet-stream' }),
  ],
  [
    'VALIDATION',
    'multipart',
    async () =>
      await post('me.delete', '--x\r\ncontent-disposition: form-data; name="a"\r\n\r\nb\r\n--x--\r\n', {
        ...authorized,
        'content-type': 'multipart/form-data; boundary=x',
      }),
  ],
  ['VALIDATION', 'a mutation by GET', async () => await get('tasks.create', create)],
  ['VALIDATION', 'a query by POST', async () => await post('tasks.list', '{}')],
  [
    'VALIDATION',
    'PUT',
    async () =>
      await send(service.url, { method: 'PUT', path: '/trpc/tasks.create', headers: authorized, body: create }),
  ],
  ['VALIDATION', 'nesting of 33 levels', async () => await post('tasks.create', deep(33))],
  ['VALIDATION', 'nesting of 200,000 levels', async () => await post('tasks.create', `{"title":${deep(200_000)}}`)],
  [
    'VALIDATION',
    'an object of too many fields',
    async () =>
      await post('tasks.create', `{${Array.from({ length: LIMITS.fields + 1 }, (_, n) => `"field${n}":1`).join()}}`),
  ],
  ['LIMIT_EXCEEDED', 'too many values', async () => await post('tasks.create', `[${'1,'.repeat(LIMITS.values)}1]`)],
  ['VALIDATION', 'nesting in a query', async () => await get('tasks.list', deep(2000))],
  ['VALIDATION', 'nesting in the second of two inputs', async () => await get('tasks.list?input=%7B%7D', deep(2000))],
  ['VALIDATION', 'queries and mutations in one batch', async () => await get('tasks.list,tasks.create?batch=1', '{}')],
  ['VALIDATION', 'invalid connectionParams', async () => await get('tasks.list?connectionParams=%7B')],
  [
    'VALIDATION',
    'a path with invalid percent-encoding',
    async () => await send(service.url, { path: '/trpc/%E0%A4%A', headers: authorized }),
  ],
  [
    'VALIDATION',
    'a path outside /trpc with invalid percent-encoding',
    async () => await send(service.url, { path: '/%', headers: authorized }),
  ],
  [
    'LIMIT_EXCEEDED',
    'a body over the limit',
    async () => await post('tasks.create', `{"title":"${'x'.repeat(4 * 1024 * 1024)}"}`),
  ],
  [
    'LIMIT_EXCEEDED',
    '51 calls',
    async () => await get(`${Array.from({ length: 51 }, () => 'lists.list').join(',')}?batch=1`, '{}'),
  ],
  [
    'LIMIT_EXCEEDED',
    'headers over the limit',
    async () =>
      await send(service.url, { path: '/trpc/lists.list', headers: { ...authorized, 'x-big': 'x'.repeat(20_000) } }),
  ],
  ['LIMIT_EXCEEDED', 'a URL over the limit', async () => await get('tasks.list', deep(200_000))],
  ['LIMIT_EXCEEDED', 'a path over the limit', async () => await get('x'.repeat(6000))],
  ['CONTRACT_MISMATCH', 'an unknown procedure', async () => await get('tasks.frobnicate', '{}')],
  ['CONTRACT_MISMATCH', 'a namespace in place of a procedure', async () => await get('tasks')],
  ['CONTRACT_MISMATCH', 'no procedure', async () => await get('')],
  [
    'NOT_FOUND',
    'a path without a route',
    async () => await send(service.url, { path: '/nothing', headers: authorized }),
  ],
  ['NOT_FOUND', 'a path below a procedure', async () => await get('tasks/list')],
]

test.each(refused)('%s for %s, in the contract’s shape', async (appCode, _what, call) => {
  const answer = await call()
  const refusal = refusalOf(answer)
  expect(refusal).toMatchObject({ appCode })
  expect(refusal.number).toBe(TRPC_ERROR_CODES_BY_KEY[refusal.code as keyof typeof TRPC_ERROR_CODES_BY_KEY])
  expect(answer.headers['content-type']).toMatch(/^application\/json/)
  expect(answer.text).not.toMatch(/secret|node_modules|\.ts\b|FST_|:\d+:\d+/)
})

test.each(['__proto__', 'constructor', 'toString', 'tasks.__proto__', 'tasks.constructor', 'hasOwnProperty'])(
  'the path %s is not a procedure',
  async (path) => {
    expect(refusalOf(await get(path)).appCode).toBe('CONTRACT_MISMATCH')
    expect(refusalOf(await post(path, '{}')).appCode).toBe('CONTRACT_MISMATCH')
  },
)

test.each(['__proto__', 'constructor', 'prototype'])('a field %s is unknown, and sets nothing', async (key) => {
  const answer = await post('tasks.create', `{"title":"x","${key}":{"polluted":true}}`)
  expect(refusalOf(answer)).toMatchObject({ appCode: 'VALIDATION', fields: [{ path: key }] })
  expect(refusalOf(await post('lists.update', `{"id":"${token}","changes":{"${key}":{"name":"x"}}}`)).appCode).toBe(
    'VALIDATION',
  )
  expect({}).not.toHaveProperty('polluted')
})

test.each([
  ['tasks.list', 'cursor'],
  ['tasks.list', 'filter'],
  ['tasks.create', 'title'],
  ['tasks.create', 'tags'],
  ['tasks.bulk', 'ids'],
  ['keys.create', 'scopes'],
])('%s with a %s whose length is not a number is refused', async (path, field) => {
  for (const odd of [
    { length: { toString: 1 } },
    { length: { toString: 1, valueOf: 1 } },
    { length: -1, toString: 'x' },
  ]) {
    const input = JSON.stringify({ title: 'x', [field]: odd })
    expect(refusalOf(path === 'tasks.list' ? await get(path, input) : await post(path, input)).appCode).toBe(
      'VALIDATION',
    )
  }
})

test('an error lists at most a hundred fields', async () => {
  const unknown = Object.fromEntries(Array.from({ length: LIMITS.fields }, (_, n) => [`field${n}`, n]))
  expect(refusalOf(await post('tasks.create', JSON.stringify(unknown))).fields).toHaveLength(100)
  const tasks = Array.from({ length: LIMITS.tasksPerCall }, () => ({ title: 1, tags: [1, 2, 3] }))
  expect(refusalOf(await post('tasks.createMany', JSON.stringify({ tasks }))).fields).toHaveLength(100)
})

test('each of fifty calls in one request has its own result', async () => {
  const paths = Array.from({ length: 50 }, (_, n) => (n === 7 ? 'tasks.get' : 'lists.list'))
  const answer = await get(
    `${paths.join(',')}?batch=1`,
    JSON.stringify(Object.fromEntries(paths.map((_, n) => [n, {}]))),
  )
  const all = JSON.parse(answer.text) as { error?: { data: { appCode: string; requestId: string } } }[]
  expect(answer.status).toBe(207)
  expect(all).toHaveLength(50)
  expect(all.filter(({ error }) => error !== undefined)).toEqual([all[7]])
  expect(all[7]?.error?.data).toMatchObject({ appCode: 'VALIDATION', requestId: answer.headers['x-request-id'] })
})

test('an unknown procedure in a batch does not affect the other calls', async () => {
  const answer = await get('lists.list,lists.nothing?batch=1', '{"0":{},"1":{}}')
  const [known, unknown] = JSON.parse(answer.text) as { error?: { data: { appCode: string } } }[]
  expect(known?.error).toBeUndefined()
  expect(unknown?.error?.data.appCode).toBe('CONTRACT_MISMATCH')
})

test('another major version of the contract is refused, another minor version is not', async () => {
  const withContract = async (version: string): Promise<Sent> => ({
    path: '/trpc/lists.list',
    headers: { ...authorized, 'x-taskwire-contract': version },
  })
  for (const version of ['2.0.0; hash=abc', '2.0.0-rc.1', '0.9.0', '10.0.0', 'x', ''])
    expect(refusalOf(await send(service.url, await withContract(version)))).toMatchObject({
      appCode: 'CONTRACT_MISMATCH',
      httpStatus: 412,
    })
  for (const version of ['1.0.0', '1.0.0-rc.1; hash=abc', '1.7.0; hash=other', '1'])
    expect((await send(service.url, await withContract(version))).status).toBe(200)
  // Health checks ignore the version.
  const health = { path: '/health/live', headers: { 'x-taskwire-contract': '2.0.0' } }
  expect((await send(service.url, health)).status).toBe(200)
})

test('a query may omit an input without required fields, a mutation may not', async () => {
  for (const path of ['lists.list', 'tasks.list', 'tasks.count', 'me.get', 'system.health'])
    expect((await get(path)).status).toBe(200)
  expect(refusalOf(await get('changes.list')).fields).toMatchObject([{ path: 'after' }])
  expect(refusalOf(await post('me.delete', '')).appCode).toBe('VALIDATION')
})

test('a valid request id is returned, and an invalid one is replaced', async () => {
  const idFor = async (id: string): Promise<unknown> =>
    (await send(service.url, { path: '/trpc/lists.list', headers: { ...authorized, 'x-request-id': id } })).headers[
      'x-request-id'
    ]
  for (const id of ['a', 'Req-1.2:3_4', 'x'.repeat(100)]) expect(await idFor(id)).toBe(id)
  for (const id of ['', 'x'.repeat(101), 'a b', '<script>', 'a,b', 'é', '"'])
    expect(await idFor(id)).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
})

test('invalid HTTP is answered, and its connection closed', async () => {
  const { port } = new URL(service.url)
  const answer = await new Promise<string>((resolve, reject) => {
    let text = ''
    const socket = connect(Number(port), '127.0.0.1', () => socket.write('NONSENSE\r\n\r\n'))
    socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
    socket.on('end', () => resolve(text)).on('error', reject)
  })
  const [head = '', body = ''] = answer.split('\r\n\r\n')
  expect(head).toMatch(/^HTTP\/1\.1 400 /)
  const requestId = /x-request-id: (.*)/.exec(head)?.[1] ?? ''
  expect(refusalOf({ status: 400, headers: { 'x-request-id': requestId }, text: body }).appCode).toBe('VALIDATION')
})

test('replies have headers against caching, sniffing and framing', async () => {
  for (const answer of [await get('me.get'), await get('me.nothing'), await send(service.url, { path: '/nothing' })])
    expect(answer.headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'content-security-policy': "default-src 'none';frame-ancestors 'none'",
    })
  expect((await get('me.get')).headers['cache-control']).toBe('no-store')
})
