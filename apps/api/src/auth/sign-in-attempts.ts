import { createHmac } from 'node:crypto'
import { prepare, type SQL, sql, statement, type Statement } from '@taskwire/db'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { AppError } from '../errors.ts'
import { networkOf } from '../http/network.ts'
import { credentialHash } from './credential.ts'
import type { Send } from './sign-in-sessions.ts'

/** So many tries at once, and after that one each `everyMs`. */
interface Bucket {
  name: string
  burst: number
  everyMs: number
}

const MINUTE = 60_000
/** Of an account, by all addresses together: 20 and then 480 a day. */
const ACCOUNT: Bucket = { name: 'account', burst: 20, everyMs: 3 * MINUTE }
/** Of one address, by all accounts and links together. */
const ADDRESS: Bucket = { name: 'address', burst: 50, everyMs: MINUTE / 2 }
/** Accounts that one address makes, or finds to be there. */
const SIGN_UP: Bucket = { name: 'sign-up', burst: 30, everyMs: MINUTE }
/** Of the old password, by whoever has a session. */
const CHANGE: Bucket = { name: 'change-password', burst: 10, everyMs: 3 * MINUTE }

/** Of one address in ten seconds, right ones too, and in this process alone: what follows costs statements and hashes. */
const FLOOD = { points: 30, duration: 10 }

interface TriesOptions {
  /** As taskwire_auth. */
  send: Send
  /** With which accounts and addresses are hashed. */
  secret: string
}

export interface SignInAttempt {
  endpoint: string
  /** As its schema left it. */
  body: unknown
  address: string | undefined
  /** Of the session that it comes with. */
  token: string | undefined
  answer(): Promise<Response>
}

export interface SignInAttempts {
  /** Lets a try through, or throws RATE_LIMITED. One whose password was right, or was not looked at, does not count. */
  count(one: SignInAttempt): Promise<Response>
}

/**
 * Counts wrong passwords, in the database: every process sees the tries of the others. A try is
 * counted before it is made, so that no number of them at once gets by.
 *
 * An account's limit cannot lock its owner out: from an address at which the account has a session,
 * tries count by themselves.
 */
export function createSignInAttempts({ send, secret }: TriesOptions): SignInAttempts {
  const flood = new RateLimiterMemory(FLOOD)
  const refusedUntil = new Map<string, number>()
  const keyOf = ({ name }: Bucket, of: string): Buffer => createHmac('sha256', secret).update(`${name} ${of}`).digest()

  async function take(bucket: Bucket, key: Buffer): Promise<void> {
    const known = key.toString('base64')
    // A flood of what has been refused already costs no statement.
    const waitMs = (refusedUntil.get(known) ?? 0) - Date.now()
    if (waitMs > 0) throw tooMany(waitMs)
    const [row] = await send(takeOne(bucket, key))
    if (row?.['wait'] == null) return void refusedUntil.delete(known)
    const wait = Number(row['wait'])
    if (refusedUntil.size >= MOST_REMEMBERED) refusedUntil.clear()
    // Not for as long as it says: another process may give one back.
    refusedUntil.set(known, Date.now() + Math.min(wait, 1000))
    throw tooMany(wait)
  }

  async function giveBack({ everyMs }: Bucket, key: Buffer): Promise<void> {
    await send(
      statement(sql`update auth.tries set spent_until = spent_until - ${interval(everyMs)} where key = ${key}::bytea`),
    )
  }

  /** True for an address at which the account has a session. */
  async function isKnown(email: string, network: string): Promise<boolean> {
    const rows = await send(addressesOf.with({ email }))
    return rows.some(({ ip_address: address }) => typeof address === 'string' && networkOf(address) === network)
  }

  /** What a try counts for, from the first that may refuse it; those in front are spent by a refusal, too. */
  async function* bucketsOf({ endpoint, body, address, token }: SignInAttempt): AsyncGenerator<[Bucket, Buffer]> {
    const network = networkOf(address)
    if (COUNTED.has(endpoint))
      await flood.consume(network).catch((refused: unknown) => {
        throw refused instanceof RateLimiterRes ? tooMany(refused.msBeforeNext) : refused
      })
    if (endpoint === '/auth/sign-up/email') yield [SIGN_UP, keyOf(SIGN_UP, network)]
    if (endpoint === '/auth/change-password' && token !== undefined)
      yield [CHANGE, keyOf(CHANGE, credentialHash(token).toString('hex'))]
    if (endpoint === '/auth/sign-in/email' || endpoint === '/auth/reset-password')
      yield [ADDRESS, keyOf(ADDRESS, network)]
    if (endpoint !== '/auth/sign-in/email') return
    // Its schema makes an address of it, in lower case.
    const { email } = body as { email: string }
    yield [ACCOUNT, keyOf(ACCOUNT, (await isKnown(email, network)) ? `${email} ${network}` : email)]
  }

  return {
    async count(one) {
      const taken: [Bucket, Buffer][] = []
      for await (const [bucket, key] of bucketsOf(one)) {
        await take(bucket, key)
        taken.push([bucket, key])
      }
      let wrong = false
      try {
        const response = await one.answer()
        wrong = WRONG.has(response.status) || taken.some(([bucket]) => bucket === SIGN_UP)
        return response
      } finally {
        // That it cannot be given back is no reason to refuse what was right.
        if (!wrong) await Promise.allSettled(taken.map(async ([bucket, key]) => await giveBack(bucket, key)))
      }
    },
  }
}

const COUNTED = new Set(['/auth/sign-up/email', '/auth/sign-in/email', '/auth/change-password', '/auth/reset-password'])
/** A wrong password, at signing in and at changing it, or a link that is not good. */
const WRONG = new Set([400, 401])
const MOST_REMEMBERED = 10_000

const addressesOf = prepare<'email'>(
  (p) => sql`select distinct s.ip_address from auth.sessions s join auth.users u on u.id = s.user_id
    where u.email = ${p('email')} limit 100`,
)

const interval = (ms: number): SQL => sql.raw(`interval '${ms} ms'`)

/** Gives null, or for how many milliseconds there is none. Two buckets that are full again are forgotten on the way. */
function takeOne({ burst, everyMs }: Bucket, hash: Buffer): Statement {
  const key = sql`${hash}::bytea`
  const every = interval(everyMs)
  const free = sql`clock_timestamp() + ${interval((burst - 1) * everyMs)}`
  return statement(sql`with forgotten as (
      delete from auth.tries where key in (
        select key from auth.tries where spent_until < now() and key <> ${key} order by spent_until limit 2 for update skip locked)
    ),
    taken as (
      insert into auth.tries as t (key, spent_until) values (${key}, clock_timestamp() + ${every})
      on conflict (key) do update set spent_until = greatest(t.spent_until, clock_timestamp()) + ${every}
        where t.spent_until <= ${free}
      returning 1
    )
    select case when not exists (select from taken) then greatest(1, extract(epoch from coalesce(
      (select spent_until from auth.tries where key = ${key}), ${free} + ${every}) - (${free})) * 1000)::float8 end as wait`)
}

function tooMany(waitMs: number): AppError {
  return new AppError('RATE_LIMITED', 'Too many tries; wait before the next.', {
    retryAfterMs: Math.max(1, Math.ceil(waitMs)),
  })
}
