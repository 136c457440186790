import { randomBytes } from 'node:crypto'
import { parseArgs, type ParseArgsConfig } from 'node:util'
import { type Address, AddressError, type Login, LOGINS, migrate, parseAddress, setUpRoles } from '@taskwire/db'
import { backUpTo, restoreFrom } from './admin/backups.ts'
import { ConfigError, readConfig } from './config.ts'
import { isUnusable, nameOfDatabase, reasonOf } from './database/connection-errors.ts'
import { startEmbedded } from './database/embedded.ts'
import { makeResetLink, RESET_LINK_MINUTES } from './auth/reset-links.ts'
import { createServiceKey, listServiceKeys, revokeServiceKey } from './procedures/keys/service-keys.ts'

const USAGE = `taskwire-admin: for the operator, on the server's command line

  setup ADDRESS                    makes the roles in the database at ADDRESS, which must be of somebody
                                   who may create roles, and prints the settings for the service
  migrate                          brings the database of DATABASE_OWNER_URL up to date
  backup FILE                      writes all of it but sessions into a new file, as it is at one moment, while
                                   the service goes on
  restore FILE [--exact]           puts a backup into that database, which is migrated and empty; everybody
                                   signs in again, and what was revoked since is back; --exact, for a move
                                   of a service that was stopped, keeps the revisions as they are
  reset-password EMAIL             prints a link by which the owner of the account sets a new password: once,
                                   within 30 minutes; a new link ends the ones before it
  service-key create --name NAME --scopes tasks:read,tasks:write [--expires 2027-01-31T00:00:00Z]
                                   makes a key for an internal service, and prints its secret, once
  service-key list
  service-key revoke ID            ends it, from the next call on

Without DATABASE_OWNER_URL, all but setup work on the embedded database.`

/** The command line is wrong; the message says what. */
class UsageError extends Error {}

const say = (line: string): void => void process.stdout.write(`${line}\n`)
const note = (line: string): void => void process.stderr.write(`${line}\n`)

type Options = NonNullable<ParseArgsConfig['options']>

/** Parses the arguments of a command: as many as `named` has, and options. Throws a UsageError for any other. */
function argumentsOf<const O extends Options>(command: string, args: string[], named: readonly string[], options: O) {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options })
  if (positionals.length !== named.length)
    throw new UsageError(
      `${command} takes ${named.join(' ') || 'no arguments'}; it was given ${positionals.join(' ') || 'none'}.`,
    )
  return { values, positionals }
}

/** Tells in words that the database could not be reached, or did not let the login in. */
async function using<T>(database: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!isUnusable(error)) throw error
    throw new ConfigError(
      `The ${database} cannot be used: ${reasonOf(error)}. See that it runs, and that the address, user and password are right.`,
    )
  }
}

async function withOwner<T>(work: (owner: Address) => Promise<T>): Promise<T> {
  const config = readConfig(process.env)
  if (config.database !== null) {
    if (config.database.owner === null)
      throw new ConfigError(
        'DATABASE_OWNER_URL is missing: this is done as taskwire_owner. The setup command prints its address.',
      )
    const { owner } = config.database
    return await using(nameOfDatabase('DATABASE_OWNER_URL', owner), async () => await work(owner))
  }
  const embedded = await startEmbedded(config.directory, note)
  try {
    return await work(embedded.owner)
  } finally {
    await embedded.stop()
  }
}

async function setUp(text: string): Promise<void> {
  const admin = parseAddress('ADDRESS', text)
  const password = (): string => randomBytes(24).toString('base64url')
  const passwords: Record<Login, string> = {
    taskwire_owner: password(),
    taskwire_app: password(),
    taskwire_auth: password(),
  }
  await using(nameOfDatabase('ADDRESS', admin), async () => await setUpRoles({ admin, passwords }))
  const query = new URL(text).search
  const address = (login: Login): string =>
    `postgres://${login}:${passwords[login]}@${new URL(text).host}/${encodeURIComponent(admin.database)}${query}`
  note(
    `Made or renewed ${LOGINS.join(', ')} on ${admin.host}:${admin.port}/${admin.database}. Settings for the service; keep them secret:`,
  )
  say(`DATABASE_URL=${address('taskwire_app')}`)
  say(`DATABASE_AUTH_URL=${address('taskwire_auth')}`)
  say(`DATABASE_OWNER_URL=${address('taskwire_owner')}`)
  say(`TASKWIRE_SECRET=${randomBytes(32).toString('base64url')}`)
}

async function serviceKey(verb: string | undefined, rest: string[]): Promise<void> {
  const command = `service-key ${verb}`
  if (verb === 'create') {
    const options = { name: { type: 'string' }, scopes: { type: 'string' }, expires: { type: 'string' } } as const
    const { values } = argumentsOf(command, rest, [], options)
    const { id, secret } = await withOwner(async (owner) => await createServiceKey(owner, values))
    note(
      `Made the key ${id}. Its secret is shown this once; a service sends it as Authorization: Bearer, with X-Taskwire-User:`,
    )
    return say(secret)
  }
  if (verb === 'list') {
    argumentsOf(command, rest, [], {})
    for (const key of await withOwner(listServiceKeys))
      say([key.id, key.name, key.scopes.join(','), key.expiresAt ?? 'never'].join('\t'))
    return
  }
  if (verb !== 'revoke') throw new UsageError('service-key takes create, list or revoke.')
  const [id = ''] = argumentsOf(command, rest, ['ID'], {}).positionals
  await withOwner(async (owner) => await revokeServiceKey(owner, id))
  note(`Ended the key ${id}`)
}

async function resetPassword(email: string): Promise<void> {
  const { baseUrl } = readConfig(process.env)
  say(await withOwner(async (owner) => await makeResetLink(owner, email, baseUrl)))
  note(
    `The link is good for ${RESET_LINK_MINUTES} minutes, once; those made before for the account have ended. Whoever has it sets the password: give it to the owner alone. It leads to PUBLIC_URL, ${baseUrl}.`,
  )
}

async function run(args: string[]): Promise<void> {
  const [command, ...rest] = args
  if (command === 'help' || args.includes('--help') || args.includes('-h')) return say(USAGE)
  switch (command) {
    case 'setup': {
      const [address = ''] = argumentsOf(command, rest, ['ADDRESS'], {}).positionals
      return await setUp(address)
    }
    case 'migrate': {
      argumentsOf(command, rest, [], {})
      const { applied, functions } = await withOwner(
        async (owner) => await migrate({ address: owner, log: (_level, message) => note(message) }),
      )
      const done = [...applied, ...(functions === null ? [] : [`functions of release ${functions}`])]
      return note(done.length > 0 ? `Applied ${done.join(', ')}` : 'The database was up to date')
    }
    case 'backup': {
      const [file = ''] = argumentsOf(command, rest, ['FILE'], {}).positionals
      return await withOwner(async (owner) => await backUpTo(file, owner, note))
    }
    case 'restore': {
      const exact = { type: 'boolean', default: false } as const
      const { values, positionals } = argumentsOf(command, rest, ['FILE'], { exact })
      const [file = ''] = positionals
      return await withOwner(async (owner) => await restoreFrom(file, { owner, note, ...values }))
    }
    case 'reset-password': {
      const [email = ''] = argumentsOf(command, rest, ['EMAIL'], {}).positionals
      return await resetPassword(email)
    }
    case 'service-key': {
      const [verb, ...more] = rest
      return await serviceKey(verb, more)
    }
    case undefined:
      throw new UsageError('Name a command.')
    default:
      throw new UsageError(`There is no command '${command}'.`)
  }
}

try {
  await run(process.argv.slice(2))
} catch (error) {
  const wrongArgs = error instanceof Error && String(Reflect.get(error, 'code')).startsWith('ERR_PARSE_ARGS')
  if (error instanceof UsageError || wrongArgs) {
    note(`${error.message}\n\n${USAGE}`)
    process.exitCode = 2
  } else {
    // A wrong setting, or what PostgreSQL says of a login: words, and no stack.
    note(
      error instanceof Error
        ? error instanceof ConfigError || error instanceof AddressError
          ? error.message
          : `taskwire-admin: ${error.message}`
        : String(error),
    )
    process.exitCode = 1
  }
}
