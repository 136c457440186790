import { randomUUID } from 'node:crypto'
import { LIMITS } from '@taskwire/contract'
import { createTestDatabase } from '@taskwire/db/testing'
import { afterAll, describe, expect, test } from 'vitest'
import { startTestService } from '../testing/service.ts'
import { readPlain } from './plain.ts'
import { createCalls } from '../procedures/router.ts'
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
const nobody = { 'content-type': 'application/json' }
const many = (calls: number): string => Array.from({ length: calls }, () => 'system.health').join()

const PLAIN: [string, Sent][] = [
  ['a query', get(`tasks.list?input=${query({ limit: 2 })}`)],
  ['a query without an input', get('tasks.list')],
  ['a query of nobody’s', get('system.contract', {})],
  [
    'blanks as pluses, and percents',
    get(`tasks.list?input=${query({ filter: { search: '100% a+b' } }).replaceAll('%20', '+')}`),
  ],
  ['text of any script', get(`tasks.list?input=${query({ filter: { search: 'Ünï 任务 ☃' } })}`)],
  ['text as it is, not encoded', get('tasks.list?input={"limit":3}')],
  ['a query that is refused', get(`tasks.get?input=${query({ id: randomUUID() })}`)],
  ['a query with wrong fields', get(`tasks.list?input=${query({ limit: 'x', more: 1 })}`)],
  ['null for an input', get('tasks.list?input=null')],
  ['nobody', get('tasks.list', nobody)],
  ['a batch of one', get(`tasks.list?batch=1&input=${query({ 0: {} })}`)],
  ['a batch without an input for one', get(`tasks.list,me.get?batch=1&input=${query({ 0: {} })}`)],
  ['a batch of an object without entries', get(`tasks.list,me.get?batch=1&input=${query({})}`)],
  ['a batch of which one is refused', get(`tasks.get,me.get?batch=1&input=${query({ 0: { id: randomUUID() } })}`)],
  [
    'a batch all refused alike',
    get(`tasks.get,tasks.get?batch=1&input=${query({ 0: { id: randomUUID() }, 1: { id: randomUUID() } })}`),
  ],
  [
    'a batch refused in two ways',
    get(`tasks.get,tasks.list?batch=1&input=${query({ 0: { id: randomUUID() }, 1: { limit: 0 } })}`),
  ],
  ['as many calls as may be', get(`${many(LIMITS.batch)}?batch=1&input=${query({})}`)],
  ['a mutation', post('tasks.create', create('one'))],
  ['a mutation that is refused', post('tasks.create', create('one', { listId: randomUUID() }))],
  ['a mutation of nobody’s', post('tasks.create', create('one'), nobody)],
  [
    'a mutation with a charset',
    post('tasks.create', create('two'), { ...signedIn, 'content-type': 'application/json; charset=utf-8' }),
  ],
  [
    'a batch of mutations',
    post('tasks.create,lists.create?batch=1', { 0: create('three'), 1: { name: 'L', mutationId: randomUUID() } }),
  ],
  ['a batch of which one has no input', post('tasks.create,tasks.create?batch=1', { 0: create('four') })],
  ['a mutation without a reply to speak of', post('me.update', { mutationId: randomUUID() })],
  ['prototypes by name', post('tasks.create', '{"title":"x","__proto__":{"a":1},"constructor":1}')],
  ['a page of another origin', get('tasks.list', { ...signedIn, origin: 'https://elsewhere.example' })],
]

const LEFT: [string, Sent][] = [
  ['no procedure', get('tasks.nothing')],
  ['no procedure in a batch', get(`tasks.nothing,me.get?batch=1&input=${query({})}`)],
  ['a name of every object', get('constructor')],
  ['a mutation by GET', get(`tasks.create?input=${query(create('x'))}`)],
  ['a query by POST', post('tasks.list', {})],
  ['both in a batch', post('tasks.list,tasks.create?batch=1', { 0: {}, 1: create('x') })],
  ['no JSON', get('tasks.list?input={')],
  ['no JSON in a body', post('tasks.create', '{')],
  ['an empty body', post('tasks.create', '')],
  ['an encoding that is none', get('tasks.list?input=%E0%A4')],
  ['an encoded path', get('tasks%2Elist')],
  ['an array for a batch', get('tasks.list?batch=1&input=[{}]')],
  ['a batch without an input', get('tasks.list?batch=1')],
  ['a batch that is not said to be one', get('tasks.list,me.get')],
  ['too many calls', get(`${many(LIMITS.batch + 1)}?batch=1&input=${query({})}`)],
  ['the input twice', get(`tasks.list?input=${query({ limit: 1 })}&input=${query({ limit: 2 })}`)],
  ['another parameter', get(`tasks.list?x=1&input=${query({ limit: 1 })}`)],
  ['the parameters the other way round', get(`tasks.list?input=${query({ 0: { limit: 1 } })}&batch=1`)],
  ['an input in the address of a mutation', post(`tasks.create?input=${query({})}`, create('x'))],
  [
    'answers one by one',
    get(`tasks.list?batch=1&input=${query({ 0: {} })}`, { ...signedIn, 'trpc-accept': 'application/jsonl' }),
  ],
  [
    'the same as fetch says it',
    get(`tasks.list?batch=1&input=${query({ 0: {} })}`, { ...signedIn, accept: 'application/jsonl' }),
  ],
  ['a form', post('tasks.create', 'title=x', { ...signedIn, 'content-type': 'application/x-www-form-urlencoded' })],
  ['HEAD', { ...get('tasks.list'), method: 'HEAD' }],
]

const calls = createCalls()
const asRead = ({ method = 'GET', path, headers = {}, body }: Sent): Parameters<typeof readPlain>[1] => ({
  method,
  url: path,
  headers,
  body,
})

// How they are framed, and when, is not what they say.
const OWN = ['date', 'content-length', 'transfer-encoding', 'connection', 'keep-alive']

async function answerOf(url: string, request: Sent): Promise<object> {
  const headers = { ...request.headers, 'x-request-id': 'the-same' }
  const answer = await send(url, { ...request, headers })
  for (const name of OWN) delete answer.headers[name]
  // Nor is the white space that the database writes between the tokens of JSON; what comes in lines is left as it is.
  const json = /^[[{].*[\]}]$/u.test(answer.text)
  return json ? { ...answer, text: JSON.stringify(JSON.parse(answer.text)) } : answer
}

describe.each([
  ['is answered here', PLAIN, true],
  ['is left to the adapter', LEFT, false],
] as const)('what %s', (_, requests, plain) => {
  test.each(requests)('%s', async (_name, request) => {
    expect(readPlain(calls, asRead(request)) !== undefined).toBe(plain)
    const answer = await answerOf(ours.url, request)
    expect(answer).toEqual(await answerOf(official.url, request))
    expect(answer).not.toMatchObject({ status: 500 })
  })
})
