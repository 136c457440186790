import type { AppErrorData, Change } from '@taskwire/contract'
import { type Client, createClient, isTaskwireError } from '@taskwire/client'
import type { TestService, TestUser } from './service.ts'
import { type Answer, checkAnswer, procedureOf } from './check-reply.ts'

/** A user, and that user's client. Every reply is checked against the contract. */
export interface Caller {
  user: TestUser
  /** Does not retry, so that failures show. */
  client: Client
  /** Sends one call without the client. */
  call(path: string, input: unknown, headers?: Record<string, string>): Promise<Wire>
}

export interface Wire extends Answer {
  status: number
  /** The body, byte for byte. */
  text: string
}

export async function newCaller(service: TestService): Promise<Caller> {
  return callerOf(service, await service.signUp())
}

/** Returns a caller for a user, by any service on the same database. */
export function callerOf(service: TestService, user: TestUser): Caller {
  const client = createClient({ url: service.url, token: user.token, retry: { attempts: 1 }, fetch: checkedFetch })
  return {
    user,
    client,
    async call(path, input, headers = {}) {
      const query = procedureOf(path).kind === 'query'
      const address = `${service.url}/trpc/${path}`
      const response = await fetch(
        query && input !== undefined ? `${address}?input=${encodeURIComponent(JSON.stringify(input))}` : address,
        {
          method: query ? 'GET' : 'POST',
          headers: { authorization: `Bearer ${user.token}`, 'content-type': 'application/json', ...headers },
          ...(query ? {} : { body: JSON.stringify(input) }),
        },
      )
      const text = await response.text()
      return { ...checkAnswer(path, JSON.parse(text)), status: response.status, text }
    },
  }
}

async function checkedFetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  const response = await fetch(input, init)
  // A stream may last forever; its items are checked in streams.ts and follower.ts.
  if (response.headers.get('content-type') === 'text/event-stream') return response
  const { pathname } = new URL(input instanceof Request ? input.url : input)
  // The client sends batches only.
  const answers = (await response.clone().json()) as unknown[]
  for (const [index, path] of pathname.slice('/trpc/'.length).split(',').entries()) checkAnswer(path, answers[index])
  return response
}

/** Returns the data of a refusal. Throws if the call succeeds. */
export async function refused(call: Promise<unknown>): Promise<AppErrorData & { message: string }> {
  try {
    await call
  } catch (error) {
    if (isTaskwireError(error) && error.data) return { ...error.data, message: error.message }
    throw error
  }
  throw new Error('The call was not refused')
}

export async function headOf({ client }: Caller): Promise<number> {
  return (await client.tasks.list.query({ limit: 1 })).revision
}

/** Reads every Change after a revision. */
export async function changesAfter({ client }: Caller, revision: number): Promise<Change[]> {
  const all: Change[] = []
  for (let after = revision; ;) {
    const { changes, head, nextAfter } = await client.changes.list.query({ after, limit: 500 })
    all.push(...changes)
    if (nextAfter === head) return all
    after = nextAfter
  }
}
