import {
  type Caller,
  createQueue,
  type Database,
  DatabaseError,
  type DatabaseFault,
  query,
  type Queue,
} from '@taskwire/db'
import { RateLimiterMemory } from 'rate-limiter-flexible'
import { AppError } from '../errors.ts'
import type { KnownCallers } from './known-callers.ts'

/**
 * Looks up credentials that this process has not verified yet. They cannot be guessed, so that many bad ones
 * cost nothing but their look-ups: where an address sends many, its unverified ones wait in a queue for that.
 * Verified ones of the same address are served as ever.
 */
export interface CredentialLookups {
  /** Resolves at once, unless the address has sent many bad ones and this one is unverified; throws what it is refused with. */
  admit(caller: Caller, network: string): Promise<void>
  /** Looks up one that is unverified, before more is done for it. */
  lookUp(caller: Caller, network: string): Promise<void>
  /** Looks up whether it may act in the space that it names, unless that is known; throws UNAUTHENTICATED and the like. */
  find(caller: Caller): Promise<void>
  /** One of this address was bad. */
  onBad(network: string): void
}

/** Bad ones within a minute. */
const MANY = 100
/** Looked up at a time, of all such addresses together. */
const AT_ONCE = 2
/** Of one address. */
const MOST_WAITING = 200
const WAIT_MS = 3000

/** Faults of a call whose credential is good. */
const VERIFIED: readonly DatabaseFault[] = ['forbidden_scope', 'forbidden_acting', 'user_unknown', 'space_not_found']

const verify = query('credentials.verify')

export function createCredentialLookups({
  database,
  userOf,
  spaceOf,
  learn,
}: Pick<KnownCallers, 'userOf' | 'spaceOf' | 'learn'> & { database: Database }): CredentialLookups {
  const bad = new RateLimiterMemory({ points: MANY, duration: 60 })
  // By address; the first is served next, so that none waits for the many of another.
  const lines = new Map<string, Queue<void>>()
  let running = 0

  async function find(caller: Caller): Promise<void> {
    // Verified while it waited.
    if (spaceOf(caller) !== undefined) return
    try {
      const { caller: authenticated } = await database.read(caller, 'tasks:read', verify.with({}))
      learn(caller, authenticated.userId, authenticated.spaceId)
    } catch (error) {
      // It is good, but not for this.
      if (!(error instanceof DatabaseError && VERIFIED.includes(error.fault))) throw error
    }
  }

  async function inLine(network: string, work: () => Promise<void>): Promise<void> {
    if (running < AT_ONCE) running++
    else {
      const line = lines.get(network) ?? createQueue<void>()
      if (line.size >= MOST_WAITING) throw overloaded()
      lines.set(network, line)
      await line.wait(WAIT_MS, overloaded)
    }
    try {
      await work()
    } finally {
      // The next one takes this one's place.
      if (!callNext()) running--
    }
  }

  function callNext(): boolean {
    for (const [network, line] of lines) {
      lines.delete(network)
      const called = line.give()
      if (line.size > 0) lines.set(network, line)
      if (called) return true
    }
    return false
  }

  async function hasManyBad(network: string): Promise<boolean> {
    const taken = await bad.get(network)
    return taken !== null && taken.remainingPoints <= 0
  }

  async function admit(caller: Caller, network: string): Promise<void> {
    if (userOf(caller) === undefined && (await hasManyBad(network)))
      await inLine(network, async () => await find(caller))
  }
  const onBad = (network: string): void => void bad.consume(network).catch(() => {})

  return {
    admit,
    find,
    onBad,
    async lookUp(caller, network) {
      try {
        await admit(caller, network)
        if (userOf(caller) === undefined) await find(caller)
      } catch (error) {
        if (error instanceof DatabaseError && error.fault === 'unauthenticated') onBad(network)
        throw error
      }
    },
  }
}

function overloaded(): AppError {
  return new AppError('OVERLOADED', 'Too many unknown credentials come from this address; send the call again.', {
    retryAfterMs: 1000,
  })
}
