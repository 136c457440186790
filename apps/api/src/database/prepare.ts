import { setTimeout as pause } from 'node:timers/promises'
import { type Address, backoffMs, codeOf, COMMANDS, migrate } from '@taskwire/db'
import { ConfigError } from '../config.ts'
import { isNotReady, nameOfDatabase, reasonOf } from './connection-errors.ts'
import { NotMigrated, verifyDatabase, verifySignIn } from './verify.ts'

export interface PrepareOptions {
  app: Address
  auth: Address
  /** Null if migrations are run separately. */
  owner: Address | null
  /** Whether the addresses are of the embedded database. Otherwise they come from settings. */
  embedded: boolean
  report(line: string): void
  /** Ends the wait for the database. */
  signal: AbortSignal
}

const BACKOFF_MS = { first: 200, most: 5000 }

/** The failure of one step; its cause is the step's error. */
class StepError extends Error {
  /** Describes the database (nameOfDatabase). */
  readonly database: string

  constructor(database: string, cause: unknown) {
    super(database, { cause })
    this.database = database
  }
}

/**
 * Migrates the database if `owner` is set, and verifies it. Retries while the database cannot be reached or is not
 * migrated.
 */
export async function prepareDatabase(options: PrepareOptions): Promise<void> {
  const { app, auth, owner, embedded, report, signal } = options
  async function step<T>(setting: string, address: Address, work: (address: Address) => Promise<T>): Promise<T> {
    try {
      return await work(address)
    } catch (error) {
      throw new StepError(nameOfDatabase(embedded ? null : setting, address), error)
    }
  }
  for (let earlierFailures = 0; ; earlierFailures++) {
    try {
      if (owner !== null) {
        const log = (_level: unknown, message: string): void => report(message)
        const { applied, functions } = await step(
          'DATABASE_OWNER_URL',
          owner,
          async (address) => await migrate({ address, log }),
        )
        const done = [...applied, ...(functions === null ? [] : [`functions of release ${functions}`])]
        if (done.length > 0) report(`Migrated the database: ${done.join(', ')}`)
      }
      await Promise.all([step('DATABASE_URL', app, verifyDatabase), step('DATABASE_AUTH_URL', auth, verifySignIn)])
      return
    } catch (error) {
      if (!(error instanceof StepError)) throw error
      const reason = retryReason(error)
      if (reason === undefined) throw configError(error)
      const delayMs = backoffMs(earlierFailures, BACKOFF_MS)
      report(`${reason} Calls are refused for now; retrying in ${(delayMs / 1000).toFixed(1)} s.`)
      await pause(delayMs, undefined, { signal })
    }
  }
}

/** Returns the reason if the error may be temporary; otherwise undefined. */
function retryReason({ database, cause }: StepError): string | undefined {
  if (cause instanceof NotMigrated) return `The ${database} ${cause.message}`
  return isNotReady(cause) ? `The ${database} cannot be reached: ${reasonOf(cause)}.` : undefined
}

/**
 * Wraps an error of PostgreSQL or the network, such as a rejected login, in a ConfigError, which is printed without a
 * stack.
 */
function configError({ database, cause }: StepError): unknown {
  // The migrator's own errors have messages for the operator.
  if (codeOf(cause) === '')
    return cause instanceof Error && cause.name === 'Error' ? new ConfigError(cause.message) : cause
  return new ConfigError(
    `Taskwire cannot use the ${database}: ${reasonOf(cause)}. Check that the address is the one that the setup printed (${COMMANDS.setup}).`,
  )
}
