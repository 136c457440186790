import type { scrypt } from 'node:crypto'
import { createClient, openStatements } from '@taskwire/db'
import { createTestDatabase, PATIENT } from '@taskwire/db/testing'
import { expect, vi } from 'vitest'
import { createSignIn, type SignIn } from '../sign-in.ts'

// Replaces scrypt by a cheap one that records the parameters, counts concurrent hashes and can be paused.
const hashing = vi.hoisted(() => ({ costs: [] as string[], running: 0, most: 0, gate: Promise.resolve() }))
vi.mock('node:crypto', async (original) => {
  const real = await original<{ scrypt: typeof scrypt }>()
  const countedScrypt = (text: string, salt: Buffer, length: number, options: object, done: () => void): void => {
    hashing.costs.push(JSON.stringify([length, options]))
    hashing.most = Math.max(hashing.most, ++hashing.running)
    const onDone = (...results: unknown[]): void => {
      hashing.running--
      Reflect.apply(done, undefined, results)
    }
    void hashing.gate.then(() => real.scrypt(text, salt, length, { N: 2 }, onDone))
  }
  return { ...real, scrypt: countedScrypt }
})

export const PASSWORD = 'correct horse'

export interface Sent {
  to?: SignIn
  from?: string
  headers?: Record<string, string>
}

export interface Received {
  status: number
  text: string
  headers: Response['headers']
}

/** Starts the sign-in of two processes, with limits. They share a database, and the counts in it. */
export async function startCountedSignIn() {
  const database = await createTestDatabase()
  const admin = createClient({ address: database.admin, applicationName: 'taskwire-test' })
  const statements = openStatements({ address: database.auth, applicationName: 'taskwire-test', max: 5, ...PATIENT })
  const logged: string[] = []
  let emails = 0

  /** Creates the sign-in of one process. */
  function createInstance({ limited = true } = {}): SignIn {
    return createSignIn({
      query: statements.query,
      secret: 'k7Hq2mVx9RzT4bWc6JdLpY3sNfGe8uAa',
      baseUrl: 'https://tasks.example.com',
      trustedOrigins: [],
      secureCookies: false,
      rateLimit: { enabled: limited },
      log: (level, message, details) => logged.push(`${level} ${message} ${JSON.stringify(details)}`),
    })
  }
  const processes = { one: createInstance(), two: createInstance(), unlimited: createInstance({ limited: false }) }

  /** Restarts the two processes, and forgets all attempts. */
  async function reset(): Promise<void> {
    Object.assign(processes, { one: createInstance(), two: createInstance() })
    await admin`delete from auth.sign_in_attempts`
    Object.assign(hashing, { costs: [], most: 0 })
  }

  async function send(
    path: string,
    body: object,
    { to = processes.one, from = '192.0.2.1', headers = {} }: Sent = {},
  ): Promise<Received> {
    const request = new Request(`https://tasks.example.com/auth/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })
    const response = await to.handle(request, from)
    return { status: response.status, text: await response.text(), headers: response.headers }
  }

  const newEmail = (): string => `user${++emails}@example.com`

  /** Signs up from this address, from which the account then has a session. */
  async function signUp(from = '198.51.100.1'): Promise<{ email: string; token: string }> {
    const email = newEmail()
    const sent = { email, password: PASSWORD, name: 'Ann' }
    const { status, text } = await send('sign-up/email', sent, { to: processes.unlimited, from })
    expect(status).toBe(200)
    return { email, token: (JSON.parse(text) as { token: string }).token }
  }

  const signIn = async (email: string, password: string, sent: Sent = {}): Promise<Received> =>
    await send('sign-in/email', { email, password }, sent)

  return {
    admin,
    hashing,
    logged,
    createInstance,
    processes,
    reset,
    send,
    newEmail,
    signUp,
    signIn,
    signInWrong: async (email: string, sent: Sent = {}): Promise<Received> => await signIn(email, 'wrong horse', sent),
    async [Symbol.asyncDispose]() {
      await Promise.all([statements.end(), admin.end({ timeout: 5 })])
      await database[Symbol.asyncDispose]()
    },
  }
}

export const address = (n: number): string => `203.0.113.${n}`

export async function statuses(count: number, run: (n: number) => Promise<{ status: number }>): Promise<number[]> {
  const all: number[] = []
  for (let n = 0; n < count; n++) all.push((await run(n)).status)
  return all
}

export const times = (count: number, status: number): number[] => Array.from({ length: count }, () => status)
