import { setTimeout as pause } from 'node:timers/promises'
import { type Address, migrate } from '@taskwire/db'
import { ConfigError } from './config.ts'
import { NotMigrated, verifyDatabase, verifySignIn } from './verify.ts'

export interface PrepareOptions {
  app: Address
  auth: Address
  /** Null where somebody else migrates. */
  owner: Address | null
  say(line: string): void
  /** Gives up waiting for the database. */
  signal: AbortSignal
}

/** Migrates the database where that is this process's to do, and checks it; waits for as long as it is away. */
export async function prepareDatabase({ app, auth, owner, say, signal }: PrepareOptions): Promise<void> {
  for (let tried = 1; ; tried++) {
    try {
      if (owner !== null) {
        const { applied, functions } = await migrate({ address: owner, log: (_level, message) => say(message) })
        const done = [...applied, ...(functions === null ? [] : [`functions of release ${functions}`])]
        if (done.length > 0) say(`Migrated the database: ${done.join(', ')}`)
      }
      await Promise.all([verifyDatabase(app), verifySignIn(auth)])
      return
    } catch (error) {
      const why = passing(error)
      if (why === undefined) throw inWords(error, app)
      const delay = Math.min(5000, 100 * 2 ** Math.min(tried, 10)) * (0.5 + Math.random() / 2)
      say(`${why} Calls are refused until then; looking again in ${(delay / 1000).toFixed(1)} s.`)
      await pause(delay, undefined, { signal })
    }
  }
}

function property(error: unknown, name: string): string {
  const value: unknown = error instanceof Error ? Reflect.get(error, name) : undefined
  return typeof value === 'string' ? value : ''
}

// Connections, a server that starts, stops or has no connection left, and a database yet to be made.
const PASSING = /^(ECONN|ENOTFOUND|EAI_AGAIN|EHOST|ENET|EPIPE|ETIMEDOUT|CONNECT|57P|08|53|55000|55P03|3D000)/

/** Why it is worth waiting; undefined if it is not. */
function passing(error: unknown): string | undefined {
  if (error instanceof NotMigrated) return error.message
  const code = property(error, 'code')
  return PASSING.test(code) ? `The database cannot be reached (${reason(error, code)}).` : undefined
}

function reason(error: unknown, code: string): string {
  const message = property(error, 'message')
  return message.includes(code) || message === '' ? message || code : `${message}, ${code}`
}

/** What PostgreSQL or the network says of a login or a certificate needs words, and no stack. */
function inWords(error: unknown, { host, port, database }: Address): unknown {
  const code = property(error, 'code')
  // What the migrator found wrong it has said in words.
  if (code === '' && property(error, 'name') === 'Error') return new ConfigError(property(error, 'message'))
  if (code === '') return error
  return new ConfigError(
    `Taskwire cannot use the database ${host}:${port}/${database}: ${reason(error, code)}. See that DATABASE_URL, DATABASE_AUTH_URL and DATABASE_OWNER_URL are what the setup printed (npm run db:setup).`,
  )
}
