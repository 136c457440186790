import {
  type Caller,
  createWaitQueue,
  type Database,
  DatabaseError,
  type DatabaseFault,
  query,
  type Vouched,
  type WaitQueue,
} from '@taskwire/db'
import { RateLimiterMemory } from 'rate-limiter-flexible'
import { AppError } from '../errors.ts'
import { ForgedProof, type ProofCheck } from '../auth/vouched-user.ts'
import type { KnownCallers } from './known-callers.ts'

/**
 * Verifies credentials that are new to this process. Nobody can guess a credential, so the only harm of bad ones is the
 * cost of their look-ups. Once a network has sent many bad ones, its unverified credentials wait in a queue. Its
 * verified credentials are not affected.
 */
export interface CredentialLookups {
  /** Verifies an unverified credential of a network that has sent many bad ones; does nothing otherwise. */
  admit(caller: Caller, network: string): Promise<void>
  /** Verifies the credential unless it is known. Throws UNAUTHENTICATED or OVERLOADED. */
  requireVerified(caller: Caller, network: string): Promise<void>
  /**
   * Learns the space in which a credential acts, unless it is known. Throws UNAUTHENTICATED. If the credential may not
   * act in the space, does not throw: the call's own statement is then refused.
   */
  verify(caller: Caller): Promise<void>
  /**
   * Runs the check of a proof that needs no look-up. If the network has sent many bad credentials, the check waits in
   * the same queue. A forged proof counts as a bad credential.
   */
  check(network: string, check: ProofCheck): Promise<Vouched>
  /** Counts a bad credential from this network. */
  onBadCredential(network: string): void
}

/** After this many bad credentials within a minute, a network's unverified credentials wait. */
const MANY = 100
/** Queued look-ups that run at a time, of all networks together. */
const AT_ONCE = 2
/** Most waiting look-ups of one network. */
const MOST_WAITING = 200
const WAIT_MS = 3000

/** Faults that the database raises only for a valid credential. */
const FAULTS_OF_VALID: readonly DatabaseFault[] = [
  'forbidden_scope',
  'forbidden_acting',
  'user_unknown',
  'space_not_found',
]

const verifyQuery = query('credentials.verify', [], { isShort: true })

export function createCredentialLookups({
  database,
  userOf,
  spaceOf,
  learn,
}: Pick<KnownCallers, 'userOf' | 'spaceOf' | 'learn'> & { database: Pick<Database, 'read'> }): CredentialLookups {
  const badCredentials = new RateLimiterMemory({ points: MANY, duration: 60 })
  const runQueued = createLookupQueue()

  async function verify(caller: Caller): Promise<void> {
    // Another call may have verified it during the wait.
    if (spaceOf(caller) !== undefined) return
    try {
      const { caller: authenticated } = await database.read(caller, 'tasks:read', verifyQuery.with({}))
      learn(caller, authenticated.userId, authenticated.spaceId)
    } catch (error) {
      // The credential is valid, though not for this space or scope; the call itself reports that.
      if (!(error instanceof DatabaseError && FAULTS_OF_VALID.includes(error.fault))) throw error
    }
  }

  async function hasSentManyBad(network: string): Promise<boolean> {
    const counted = await badCredentials.get(network)
    return counted !== null && counted.remainingPoints <= 0
  }

  async function admit(caller: Caller, network: string): Promise<void> {
    if (userOf(caller) === undefined && (await hasSentManyBad(network)))
      await runQueued(network, async () => await verify(caller))
  }
  const onBadCredential = (network: string): void => void badCredentials.consume(network).catch(() => {})

  return {
    admit,
    verify,
    onBadCredential,
    async check(network, check) {
      try {
        return (await hasSentManyBad(network)) ? await runQueued(network, check) : await check()
      } catch (error) {
        if (error instanceof ForgedProof) onBadCredential(network)
        throw error
      }
    },
    async requireVerified(caller, network) {
      try {
        await admit(caller, network)
        if (userOf(caller) === undefined) await verify(caller)
      } catch (error) {
        if (error instanceof DatabaseError && error.fault === 'unauthenticated') onBadCredential(network)
        throw error
      }
    },
  }
}

/** Runs a few look-ups and checks at a time; the others wait. */
function createLookupQueue(): <T>(network: string, work: () => Promise<T>) => Promise<T> {
  // By network. The first network is served next, and then moves to the end.
  const queues = new Map<string, WaitQueue<void>>()
  let running = 0

  async function runQueued<T>(network: string, work: () => Promise<T>): Promise<T> {
    if (running < AT_ONCE) running++
    else {
      const queue = queues.get(network) ?? createWaitQueue<void>()
      if (queue.size >= MOST_WAITING) throw overloaded()
      queues.set(network, queue)
      await queue.wait(WAIT_MS, overloaded)
    }
    try {
      return await work()
    } finally {
      // The next waiting look-up takes the place of this one.
      if (!startNext()) running--
    }
  }

  function startNext(): boolean {
    for (const [network, queue] of queues) {
      queues.delete(network)
      const started = queue.give()
      if (queue.size > 0) queues.set(network, queue)
      if (started) return true
    }
    return false
  }

  return runQueued
}

function overloaded(): AppError {
  return new AppError('OVERLOADED', 'Too many unknown credentials from this address; wait, and send the call again.', {
    retryAfterMs: 1000,
  })
}
