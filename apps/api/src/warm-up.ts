import { randomUUID } from 'node:crypto'
import { prepare, sql, type Statements } from '@taskwire/db'
import type { FastifyInstance } from 'fastify'
import { v7 as uuidv7 } from 'uuid'
import { newSession } from './auth/sign-in-sessions.ts'
import { OWN_ADDRESS } from './http/network.ts'

export interface WarmUpOptions {
  app: FastifyInstance
  /** Sends one statement as taskwire_auth. */
  send: Statements['query']
  /** Aborts when the service closes. */
  signal: AbortSignal
}

const MOST_MS = 3000
/** Rounds of twelve calls. After them, V8 has compiled most of the code. */
const ROUNDS = 60
/** Rounds that run at once, so that several connections of the pool plan their statements. */
const AT_ONCE = 6

/**
 * Calls the procedures that callers use most, so that the first callers after a start find compiled code and planned
 * statements. Takes three seconds at most. Uses an account of its own, and deletes it at the end. If the process is
 * killed before, the account stays until a process warms up an hour later or more.
 */
export async function warmUp({ app, send, signal }: WarmUpOptions): Promise<void> {
  const ends = AbortSignal.any([signal, AbortSignal.timeout(MOST_MS)])
  await send(deleteLeftovers.with({}))
  const id = uuidv7()
  const { token, values } = newSession({ address: '', agent: '' })
  await send(signUp.with({ id, email: `warm-up-${id}@taskwire.invalid`, session: values.session }))
  const call = callWith(app, token)
  let rounds = 0
  const run = async (): Promise<void> => {
    while (rounds < ROUNDS && !ends.aborted) await callEach(call, rounds++)
  }
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, run))
  } finally {
    await send(deleteAccount.with({ id }))
  }
}

// The top-level domain .invalid belongs to nobody (RFC 2606).
const signUp = prepare<'id' | 'email' | 'session'>(
  (p) => sql`select id from auth.sign_up(
    ${p('id')}::uuid, 'Warm-up', ${p('email')}, 'no password', 'UTC', ${p('session')}::bytea, '', '')`,
)

const deleteAccount = prepare<'id'>((p) => sql`delete from auth.users where id = ${p('id')}::uuid`)

const deleteLeftovers = prepare(
  () => sql`delete from auth.users where external_id is null and email >= 'warm-up-' and email < 'warm-up.'
    and email like 'warm-up-%@taskwire.invalid' and created_at < now() - interval '1 hour'`,
)

/** Sends a call through the whole service except the network, and returns the reply's data. Throws if it is refused. */
type Call = (kind: 'query' | 'mutation', procedure: string, input: object) => Promise<Reply>
type Reply = Record<string, never>

function callWith(app: FastifyInstance, token: string): Call {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  return async (kind, procedure, input) => {
    const text = JSON.stringify(input)
    const reply = await app.inject({
      url: `/trpc/${procedure}`,
      headers,
      remoteAddress: OWN_ADDRESS,
      ...(kind === 'query' ? { method: 'GET', query: { input: text } } : { method: 'POST', payload: text }),
    })
    if (reply.statusCode !== 200) throw new Error(`${procedure} answered ${reply.statusCode}`)
    return reply.json<{ result: { data: Reply } }>().result.data
  }
}

const SORTS = ['position', 'createdAt', 'due', 'title'] as const

/** The calls of one round: what a front end sends when somebody works with a list. */
async function callEach(call: Call, round: number): Promise<void> {
  const mutation = (): { mutationId: string } => ({ mutationId: randomUUID() })
  await call('query', 'system.health', {})
  const task = { title: `Task ${round}`, tags: ['warm'], due: { date: '2030-01-01', time: '09:00', timeZone: 'UTC' } }
  const { id } = await call('mutation', 'tasks.create', { ...task, ...mutation() })
  await call('query', 'tasks.get', { id })
  const by = SORTS[round % SORTS.length]
  await call('query', 'tasks.list', { filter: { complete: false }, sort: { by, direction: 'asc' } })
  await call('mutation', 'tasks.update', { id, changes: { title: 'Another', priority: 'high' }, ...mutation() })
  await call('query', 'tasks.list', { filter: { search: 'another' }, limit: 20 })
  await call('mutation', 'tasks.complete', { id, ...mutation() })
  await call('query', 'tasks.count', {})
  await call('mutation', 'tasks.move', { id, after: null, ...mutation() })
  await call('query', 'changes.list', { after: 0 })
  await call('mutation', 'tasks.delete', { id, ...mutation() })
  await call('query', 'lists.list', {})
}
