import { createHmac } from 'node:crypto'
import { prepare, type SQL, sql, statement, type Statement } from '@taskwire/db'
import { LRUCache } from 'lru-cache'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { AppError } from '../errors.ts'
import { networkOf } from '../http/network.ts'
import { credentialHash } from './credential.ts'
import type { Send } from './sign-in-sessions.ts'

/** Allows `burst` attempts at once, and then one every `everyMs`. */
interface Bucket {
  name: string
  burst: number
  everyMs: number
}

// An address is an IP address here. Attempts are counted by its network (`networkOf`).

const MINUTE = 60_000
/** Per account, from all addresses at which it has no session: 20, then 480 a day. */
const ACCOUNT: Bucket = { name: 'account', burst: 20, everyMs: 3 * MINUTE }
/** Per address, for all accounts and password-reset links together. */
const ADDRESS: Bucket = { name: 'address', burst: 50, everyMs: MINUTE / 2 }
/** Sign-ups per address, successful or not. */
const SIGN_UP: Bucket = { name: 'sign-up', burst: 30, everyMs: MINUTE }
/** Password changes per session: each could be a guess at the old password. */
const CHANGE: Bucket = { name: 'change-password', burst: 10, everyMs: 3 * MINUTE }

/** Attempts per address and process in ten seconds, even successful ones, since each costs statements and a hash. */
const FLOOD = { points: 30, duration: 10 }

interface SignInAttemptsOptions {
  /** Sends statements as taskwire_auth. */
  send: Send
  /** The key with which accounts and addresses are hashed. */
  secret: string
}

export interface SignInAttempt {
  endpoint: string
  /** The parsed body. */
  body: unknown
  address: string | undefined
  /** The token of the caller's session. */
  token: string | undefined
  answer(): Promise<Response>
}

export interface SignInAttempts {
  /**
   * Runs an attempt, or throws RATE_LIMITED. Wrong passwords, invalid links and sign-ups stay counted; other attempts
   * are refunded.
   */
  run(attempt: SignInAttempt): Promise<Response>
}

/**
 * Limits wrong passwords. The counts are in the database, so that all processes share them. An attempt is counted before
 * it runs, so that concurrent attempts cannot exceed the limit.
 *
 * Nobody can use an account's limit to lock out its owner where the owner is signed in: a network with a session of the
 * account is counted separately.
 */
export function createSignInAttempts({ send, secret }: SignInAttemptsOptions): SignInAttempts {
  const flood = new RateLimiterMemory(FLOOD)
  const refusedUntil = new LRUCache<string, number>({ max: MOST_REMEMBERED })
  const keyOf = ({ name }: Bucket, subject: string): Buffer =>
    createHmac('sha256', secret).update(`${name} ${subject}`).digest()

  async function take(bucket: Bucket, key: Buffer): Promise<void> {
    const text = key.toString('base64')
    // Further attempts under a refused key cost no statement.
    const waitMs = (refusedUntil.get(text) ?? 0) - Date.now()
    if (waitMs > 0) throw tooMany(waitMs)
    const [row] = await send(takeOne(bucket, key))
    if (row?.['wait'] == null) return void refusedUntil.delete(text)
    const wait = Number(row['wait'])
    // Remembered for at most a second, since another process may refund an attempt.
    refusedUntil.set(text, Date.now() + Math.min(wait, 1000))
    throw tooMany(wait)
  }

  async function refund({ everyMs }: Bucket, key: Buffer): Promise<void> {
    await send(
      statement(
        sql`update auth.sign_in_attempts set spent_until = spent_until - ${interval(everyMs)} where key = ${key}::bytea`,
      ),
    )
  }

  /** Returns whether the account has a session from this network. */
  async function hasSessionFrom(email: string, network: string): Promise<boolean> {
    const rows = await send(addressesOf.with({ email }))
    return rows.some(({ ip_address: address }) => typeof address === 'string' && networkOf(address) === network)
  }

  /**
   * Yields the buckets that an attempt counts against. If one refuses, the attempt stays counted in those before it.
   */
  async function* bucketsOf({ endpoint, body, address, token }: SignInAttempt): AsyncGenerator<[Bucket, Buffer]> {
    const network = networkOf(address)
    if (FLOOD_LIMITED.has(endpoint))
      await flood.consume(network).catch((refused: unknown) => {
        throw refused instanceof RateLimiterRes ? tooMany(refused.msBeforeNext) : refused
      })
    if (endpoint === '/auth/sign-up/email') yield [SIGN_UP, keyOf(SIGN_UP, network)]
    if (endpoint === '/auth/change-password' && token !== undefined)
      yield [CHANGE, keyOf(CHANGE, credentialHash(token).toString('hex'))]
    if (endpoint === '/auth/sign-in/email' || endpoint === '/auth/reset-password')
      yield [ADDRESS, keyOf(ADDRESS, network)]
    if (endpoint !== '/auth/sign-in/email') return
    // The endpoint's schema has parsed the body, and converted the e-mail address to lower case.
    const { email } = body as { email: string }
    yield [ACCOUNT, keyOf(ACCOUNT, (await hasSessionFrom(email, network)) ? `${email} ${network}` : email)]
  }

  return {
    async run(attempt) {
      const taken: [Bucket, Buffer][] = []
      for await (const [bucket, key] of bucketsOf(attempt)) {
        await take(bucket, key)
        taken.push([bucket, key])
      }
      let staysCounted = false
      try {
        const response = await attempt.answer()
        staysCounted = WRONG_STATUSES.has(response.status) || taken.some(([bucket]) => bucket === SIGN_UP)
        return response
      } finally {
        // A failed refund must not fail a successful attempt.
        if (!staysCounted) await Promise.allSettled(taken.map(async ([bucket, key]) => await refund(bucket, key)))
      }
    },
  }
}

const FLOOD_LIMITED = new Set([
  '/auth/sign-up/email',
  '/auth/sign-in/email',
  '/auth/change-password',
  '/auth/reset-password',
])
/** The statuses of a wrong password or an invalid link. */
const WRONG_STATUSES = new Set([400, 401])
const MOST_REMEMBERED = 10_000

const addressesOf = prepare<'email'>(
  (p) => sql`select distinct s.ip_address from auth.sessions s join auth.users u on u.id = s.user_id
    where u.email = ${p('email')} and u.external_id is null limit 100`,
)

const interval = (ms: number): SQL => sql.raw(`interval '${ms} ms'`)

/**
 * Takes one attempt. The column `wait` is null, or the milliseconds until an attempt is available. Also deletes up to
 * two rows that no longer limit anything.
 */
function takeOne({ burst, everyMs }: Bucket, keyBytes: Buffer): Statement {
  const key = sql`${keyBytes}::bytea`
  const every = interval(everyMs)
  const free = sql`clock_timestamp() + ${interval((burst - 1) * everyMs)}`
  return statement(sql`with forgotten as (
      delete from auth.sign_in_attempts where key in (
        select key from auth.sign_in_attempts where spent_until < now() and key <> ${key} order by spent_until limit 2 for update skip locked)
    ),
    taken as (
      insert into auth.sign_in_attempts as t (key, spent_until) values (${key}, clock_timestamp() + ${every})
      on conflict (key) do update set spent_until = greatest(t.spent_until, clock_timestamp()) + ${every}
        where t.spent_until <= ${free}
      returning 1
    )
    select case when not exists (select from taken) then greatest(1, extract(epoch from coalesce(
      (select spent_until from auth.sign_in_attempts where key = ${key}), ${free} + ${every}) - (${free})) * 1000)::float8 end as wait`)
}

function tooMany(waitMs: number): AppError {
  return new AppError('RATE_LIMITED', 'Too many attempts; wait before the next.', {
    retryAfterMs: Math.max(1, Math.ceil(waitMs)),
  })
}
