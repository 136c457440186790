import { setTimeout as pause } from 'node:timers/promises'
import { type Address, migrate } from '@taskwire/db'
import { ConfigError } from '../config.ts'
import { isAway, nameOfDatabase, property, reasonOf } from './connection-errors.ts'
import { NotMigrated, verifyDatabase, verifySignIn } from './verify.ts'

export interface PrepareOptions {
  app: Address
  auth: Address
  /** Null where somebody else migrates. */
  owner: Address | null
  /** The addresses are of the embedded database, and so of no setting. */
  embedded: boolean
  say(line: string): void
  /** Gives up waiting for the database. */
  signal: AbortSignal
}

/** A step that failed. */
class StepError extends Error {
  /** The database, by the setting that names it. */
  readonly database: string

  constructor(database: string, cause: unknown) {
    super(database, { cause })
    this.database = database
  }
}

/** Migrates the database where that is this process's to do, and checks it; waits for as long as it is away. */
export async function prepareDatabase(options: PrepareOptions): Promise<void> {
  const { app, auth, owner, embedded, say, signal } = options
  async function step<T>(setting: string, address: Address, work: (address: Address) => Promise<T>): Promise<T> {
    try {
      return await work(address)
    } catch (error) {
      throw new StepError(nameOfDatabase(embedded ? null : setting, address), error)
    }
  }
  for (let tried = 1; ; tried++) {
    try {
      if (owner !== null) {
        const log = (_level: unknown, message: string): void => say(message)
        const { applied, functions } = await step(
          'DATABASE_OWNER_URL',
          owner,
          async (address) => await migrate({ address, log }),
        )
        const done = [...applied, ...(functions === null ? [] : [`functions of release ${functions}`])]
        if (done.length > 0) say(`Migrated the database: ${done.join(', ')}`)
      }
      await Promise.all([step('DATABASE_URL', app, verifyDatabase), step('DATABASE_AUTH_URL', auth, verifySignIn)])
      return
    } catch (error) {
      if (!(error instanceof StepError)) throw error
      const why = passing(error)
      if (why === undefined) throw inWords(error)
      const delay = Math.min(5000, 100 * 2 ** Math.min(tried, 10)) * (0.5 + Math.random() / 2)
      say(`${why} Calls are refused until then; looking again in ${(delay / 1000).toFixed(1)} s.`)
      await pause(delay, undefined, { signal })
    }
  }
}

/** Why it is worth waiting; undefined if it is not. */
function passing({ database, cause }: StepError): string | undefined {
  if (cause instanceof NotMigrated) return `The ${database} ${cause.message}`
  return isAway(cause) ? `The ${database} cannot be reached: ${reasonOf(cause)}.` : undefined
}

/** What PostgreSQL or the network says of a login or a certificate needs words, and no stack. */
function inWords({ database, cause }: StepError): unknown {
  const code = property(cause, 'code')
  // What the migrator found wrong it has said in words.
  if (code === '' && property(cause, 'name') === 'Error') return new ConfigError(property(cause, 'message'))
  if (code === '') return cause
  return new ConfigError(
    `Taskwire cannot use the ${database}: ${reasonOf(cause)}. See that the address is what the setup printed (npm run db:setup).`,
  )
}
