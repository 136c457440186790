import { randomUUID } from 'node:crypto'
import { LIMITS } from '@taskwire/contract'
import { createTestDatabase } from '@taskwire/db/testing'
import { afterAll, describe, expect, test } from 'vitest'
import { startTestService } from '../testing/service.ts'
import { readPlain } from './plain.ts'
import { createCallables } from '../procedures/router.ts'
import { send, type Sent } from '../testing/wire.ts'

const database = await createTestDatabase()
const ours = await startTestService({ database })
const official = await startTestService({ database, officialAdapter: true })
afterAll(async () => {
  for (const started of [ours, official, database]) await started[Symbol.asyncDispose]()
})
const { token } = await ours.signUp()

const signedIn = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
const query = (value: unknown): string => encodeURIComponent(JSON.stringify(value))
const create = (title: string, more: object = {}): object => ({ title, mutationId: randomUUID(), ...more })
const get = (path: string, headers: Record<string, string> = signedIn): Sent => ({ path: `/trpc/${path}`, headers })
const post = (path: string, body: unknown, headers: Record<string, string> = signedIn): Sent => ({
  method: 'POST',
  path: `/trpc/${path}`,
  headers,
  body: typeof body === 'string' ? body : JSON.stringify(body),
})
const withoutCredential = { 'content-type': 'application/json' }
const repeatedPath = (calls: number): string => Array.from({ length: calls }, () => 'system.health').join()

const PLAIN: [string, Sent][] = [
  ['a query', get(`tasks.list?input=${query({ limit: 2 })}`)],
  ['a query without an input', get('tasks.list')],
  ['a public query', get('system.contract', {})],
  [
    'an input with plus signs for blanks, and percent signs',
    get(`tasks.list?input=${query({ filter: { search: '100% a+b' } }).replaceAll('%20', '+')}`),
  ],
  ['text in several writing systems', get(`tasks.list?input=${query({ filter: { search: 'Ünï 任务 ☃' } })}`)],
  ['an input that is not percent-encoded', get('tasks.list?input={"limit":3}')],
  ['a query that is refused', get(`tasks.get?input=${query({ id: randomUUID() })}`)],
  ['a query with wrong fields', get(`tasks.list?input=${query({ limit: 'x', more: 1 })}`)],
  ['a null input', get('tasks.list?input=null')],
  ['a query without a credential', get('tasks.list', withoutCredential)],
  ['a batch of one', get(`tasks.list?batch=1&input=${query({ 0: {} })}`)],
  ['a batch of queries without an input for one', get(`tasks.list,me.get?batch=1&input=${query({ 0: {} })}`)],
  ['a batch with an empty input', get(`tasks.list,me.get?batch=1&input=${query({})}`)],
  ['a batch with a refused call', get(`tasks.get,me.get?batch=1&input=${query({ 0: { id: randomUUID() } })}`)],
  [
    'a batch whose calls have one status',
    get(`tasks.get,tasks.get?batch=1&input=${query({ 0: { id: randomUUID() }, 1: { id: randomUUID() } })}`),
  ],
  [
    'a batch whose calls have two statuses',
    get(`tasks.get,tasks.list?batch=1&input=${query({ 0: { id: randomUUID() }, 1: { limit: 0 } })}`),
  ],
  ['a batch of the largest size', get(`${repeatedPath(LIMITS.batch)}?batch=1&input=${query({})}`)],
  ['a mutation', post('tasks.create', create('one'))],
  ['a mutation that is refused', post('tasks.create', create('one', { listId: randomUUID() }))],
  ['a mutation without a credential', post('tasks.create', create('one'), withoutCredential)],
  [
    'a mutation with a charset',
    post('tasks.create', create('two'), { ...signedIn, 'content-type': 'application/json; charset=utf-8' }),
  ],
  [
    'a batch of mutations',
    post('tasks.create,lists.create?batch=1', { 0: create('three'), 1: { name: 'L', mutationId: randomUUID() } }),
  ],
  ['a batch of mutations without an input for one', post('tasks.create,tasks.create?batch=1', { 0: create('four') })],
  ['a mutation that changes nothing', post('me.update', { mutationId: randomUUID() })],
  [
    'fields with the names of prototype properties',
    post('tasks.create', '{"title":"x","__proto__":{"a":1},"constructor":1}'),
  ],
  ['a page of another origin', get('tasks.list', { ...signedIn, origin: 'https://elsewhere.example' })],
]

const OTHER: [string, Sent][] = [
  ['an unknown procedure', get('tasks.nothing')],
  ['an unknown procedure in a batch', get(`tasks.nothing,me.get?batch=1&input=${query({})}`)],
  ['a path that is a property of every object', get('constructor')],
  ['a mutation by GET', get(`tasks.create?input=${query(create('x'))}`)],
  ['a query by POST', post('tasks.list', {})],
  ['a query and a mutation in a batch', post('tasks.list,tasks.create?batch=1', { 0: {}, 1: create('x') })],
  ['invalid JSON', get('tasks.list?input={')],
  ['invalid JSON in a body', post('tasks.create', '{')],
  ['an empty body', post('tasks.create', '')],
  ['an invalid percent-encoding', get('tasks.list?input=%E0%A4')],
  ['an encoded path', get('tasks%2Elist')],
  ['an array for a batch', get('tasks.list?batch=1&input=[{}]')],
  ['a batch without an input', get('tasks.list?batch=1')],
  ['several paths without batch=1', get('tasks.list,me.get')],
  ['too many calls', get(`${repeatedPath(LIMITS.batch + 1)}?batch=1&input=${query({})}`)],
  ['two inputs', get(`tasks.list?input=${query({ limit: 1 })}&input=${query({ limit: 2 })}`)],
  ['another parameter', get(`tasks.list?x=1&input=${query({ limit: 1 })}`)],
  ['the parameters in another order', get(`tasks.list?input=${query({ 0: { limit: 1 } })}&batch=1`)],
  ['an input in the URL of a mutation', post(`tasks.create?input=${query({})}`, create('x'))],
  [
    'streamed results, by trpc-accept',
    get(`tasks.list?batch=1&input=${query({ 0: {} })}`, { ...signedIn, 'trpc-accept': 'application/jsonl' }),
  ],
  [
    'streamed results, by accept',
    get(`tasks.list?batch=1&input=${query({ 0: {} })}`, { ...signedIn, accept: 'application/jsonl' }),
  ],
  ['a form', post('tasks.create', 'title=x', { ...signedIn, 'content-type': 'application/x-www-form-urlencoded' })],
  ['HEAD', { ...get('tasks.list'), method: 'HEAD' }],
]

const calls = createCallables()
const toPlainRequest = ({ method = 'GET', path, headers = {}, body }: Sent): Parameters<typeof readPlain>[1] => ({
  method,
  url: path,
  headers,
  body,
})

// Headers of the transport, which may differ.
const TRANSPORT_HEADERS = ['date', 'content-length', 'transfer-encoding', 'connection', 'keep-alive']

async function responseOf(url: string, request: Sent): Promise<object> {
  const headers = { ...request.headers, 'x-request-id': 'the-same' }
  const answer = await send(url, { ...request, headers })
  for (const name of TRANSPORT_HEADERS) delete answer.headers[name]
  // White space between the tokens of JSON may differ, since PostgreSQL writes some of the JSON.
  const json = /^[[{].*[\]}]$/u.test(answer.text)
  return json ? { ...answer, text: JSON.stringify(JSON.parse(answer.text)) } : answer
}

describe.each([
  ['are served without the adapter', PLAIN, true],
  ['are left to the adapter', OTHER, false],
] as const)('requests that %s', (_, requests, plain) => {
  test.each(requests)('%s', async (_name, request) => {
    expect(readPlain(calls, toPlainRequest(request)) !== undefined).toBe(plain)
    const answer = await responseOf(ours.url, request)
    expect(answer).toEqual(await responseOf(official.url, request))
    expect(answer).not.toMatchObject({ status: 500 })
  })
})
