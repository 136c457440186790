#!/usr/bin/env node
import { randomBytes } from 'node:crypto'
import { type Address, AddressError, type Login, LOGINS, migrate, parseAddress, setUpRoles } from '@taskwire/db'
import { parseArguments, UsageError } from './admin/arguments.ts'
import { backUpTo, restoreFrom } from './admin/backups.ts'
import { explainCall, type ExplainAddresses } from './admin/explain.ts'
import { runUserCommand } from './admin/user-commands.ts'
import { ConfigError, readConfig } from './config.ts'
import { isUnusable, nameOfDatabase, reasonOf } from './database/connection-errors.ts'
import { startEmbedded } from './database/embedded.ts'
import { makeResetLink, RESET_LINK_MINUTES } from './auth/reset-links.ts'
import { createServiceKey, listServiceKeys, revokeServiceKey } from './procedures/keys/service-keys.ts'

const USAGE = `taskwire-admin: administration of the service, for its operator

  setup ADDRESS                    creates the roles in the database at ADDRESS, whose login must be allowed to
                                   create roles, and prints the settings for the service
  migrate                          migrates the database of DATABASE_OWNER_URL to this release
  backup FILE                      writes a consistent backup, without sessions, into a new file; the service
                                   can keep running
  restore FILE [--exact]           restores a backup into the database of DATABASE_OWNER_URL, which must be
                                   migrated and empty; all users have to sign in again, and keys that were
                                   revoked after the backup are valid again; --exact keeps the revisions, to move
                                   a stopped service
  reset-password EMAIL             prints a link with which the owner of the account can set a new password, once
                                   and within 30 minutes; earlier links of the account become invalid
  user create EXTERNAL_ID --name NAME [--email EMAIL] [--time-zone ZONE]
                                   creates an account for a user of your own, and prints its id
  user disable | enable | delete EXTERNAL_ID
                                   disable refuses every credential of the account from the next call on, enable
                                   accepts them again, delete erases the account and all its data; --id ID in
                                   place of EXTERNAL_ID names the account by its own id
  user list                        prints the accounts
  user import FILE.csv             creates or updates an account for each row of columns externalId, name, email and
                                   timeZone; the account then belongs to the first issuer that sends a token of its user
  service-key create --name NAME --scopes tasks:read,tasks:write,users [--expires 2027-01-31T00:00:00Z]
                                   creates a key for an internal service, and prints its secret, once; the scope
                                   users is for managing accounts
  service-key list                 prints the keys
  service-key revoke ID            revokes a key, from the next call on
  explain PROCEDURE INPUT --user EMAIL [--superuser ADDRESS]
                                   runs a call as that user, such as explain tasks.list '{"limit": 10}', rolls it
                                   back, and prints its statement and the plan with times; given the address of a
                                   superuser (the embedded database has one), also prints the plans inside a
                                   mutation's function; a mutation locks the user's space meanwhile

Without DATABASE_OWNER_URL, all commands except setup use the embedded database.`

const print = (line: string): void => void process.stdout.write(`${line}\n`)
const note = (line: string): void => void process.stderr.write(`${line}\n`)

/** Converts errors of connecting to the database to a ConfigError. */
async function withConnectionErrors<T>(database: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!isUnusable(error)) throw error
    throw new ConfigError(
      `The ${database} cannot be used: ${reasonOf(error)}. Check that it is running, and that the address, user and password are correct.`,
    )
  }
}

async function withDatabase<T>(work: (addresses: ExplainAddresses) => Promise<T>): Promise<T> {
  const config = readConfig(process.env)
  if (config.database !== null) {
    const { app, owner } = config.database
    if (owner === null)
      throw new ConfigError(
        'DATABASE_OWNER_URL is missing: this command needs the login taskwire_owner. The setup command prints its address.',
      )
    const addresses = { app, owner, superuser: null }
    return await withConnectionErrors(nameOfDatabase('DATABASE_OWNER_URL', owner), async () => await work(addresses))
  }
  const embedded = await startEmbedded(config.directory, note)
  try {
    return await work(embedded)
  } finally {
    await embedded.stop()
  }
}

const withOwner = async <T>(work: (owner: Address) => Promise<T>): Promise<T> =>
  await withDatabase(async ({ owner }) => await work(owner))

async function explain(args: string[]): Promise<void> {
  const options = { user: { type: 'string' }, superuser: { type: 'string' } } as const
  const { values, positionals } = parseArguments('explain', args, ['PROCEDURE', 'INPUT'], options)
  const [path = '', input = ''] = positionals
  const { user: email } = values
  if (email === undefined) throw new UsageError('explain needs --user EMAIL.')
  const superuser = values.superuser === undefined ? undefined : parseAddress('--superuser', values.superuser)
  print(
    await withDatabase(
      async (addresses) =>
        await explainCall({ ...addresses, superuser: superuser ?? addresses.superuser }, { path, input, email }),
    ),
  )
}

async function setUp(text: string): Promise<void> {
  const admin = parseAddress('ADDRESS', text)
  const password = (): string => randomBytes(24).toString('base64url')
  const passwords: Record<Login, string> = {
    taskwire_owner: password(),
    taskwire_app: password(),
    taskwire_auth: password(),
  }
  await withConnectionErrors(nameOfDatabase('ADDRESS', admin), async () => await setUpRoles({ admin, passwords }))
  const query = new URL(text).search
  const address = (login: Login): string =>
    `postgres://${login}:${passwords[login]}@${new URL(text).host}/${encodeURIComponent(admin.database)}${query}`
  note(
    `Created or updated ${LOGINS.join(', ')} on ${admin.host}:${admin.port}/${admin.database}. Settings for the service; keep them secret:`,
  )
  print(`DATABASE_URL=${address('taskwire_app')}`)
  print(`DATABASE_AUTH_URL=${address('taskwire_auth')}`)
  print(`DATABASE_OWNER_URL=${address('taskwire_owner')}`)
  print(`TASKWIRE_SECRET=${randomBytes(32).toString('base64url')}`)
}

async function serviceKey(verb: string | undefined, rest: string[]): Promise<void> {
  const command = `service-key ${verb}`
  if (verb === 'create') {
    const options = { name: { type: 'string' }, scopes: { type: 'string' }, expires: { type: 'string' } } as const
    const { values } = parseArguments(command, rest, [], options)
    const { id, secret } = await withOwner(async (owner) => await createServiceKey(owner, values))
    note(
      `Created the key ${id}. Its secret is shown only once; a service sends it as Authorization: Bearer, with X-Taskwire-User:`,
    )
    return print(secret)
  }
  if (verb === 'list') {
    parseArguments(command, rest, [], {})
    for (const key of await withOwner(listServiceKeys))
      print([key.id, key.name, key.scopes.join(','), key.expiresAt ?? 'never'].join('\t'))
    return
  }
  if (verb !== 'revoke') throw new UsageError('service-key takes create, list or revoke.')
  const [id = ''] = parseArguments(command, rest, ['ID'], {}).positionals
  await withOwner(async (owner) => await revokeServiceKey(owner, id))
  note(`Revoked the key ${id}`)
}

async function resetPassword(email: string): Promise<void> {
  const { baseUrl } = readConfig(process.env)
  print(await withOwner(async (owner) => await makeResetLink(owner, email, baseUrl)))
  note(
    `The link is valid for ${RESET_LINK_MINUTES} minutes and for one use; earlier links of the account are invalid. Anybody with the link can set the password: give it only to the owner. It leads to PUBLIC_URL, ${baseUrl}.`,
  )
}

async function run(args: string[]): Promise<void> {
  const [command, ...rest] = args
  if (command === 'help' || args.includes('--help') || args.includes('-h')) return print(USAGE)
  switch (command) {
    case 'setup': {
      const [address = ''] = parseArguments(command, rest, ['ADDRESS'], {}).positionals
      return await setUp(address)
    }
    case 'migrate': {
      parseArguments(command, rest, [], {})
      const { applied, functions } = await withOwner(
        async (owner) => await migrate({ address: owner, log: (_level, message) => note(message) }),
      )
      const changes = [...applied, ...(functions === null ? [] : [`functions of release ${functions}`])]
      return note(changes.length > 0 ? `Applied ${changes.join(', ')}` : 'The database was up to date')
    }
    case 'backup': {
      const [file = ''] = parseArguments(command, rest, ['FILE'], {}).positionals
      return await withOwner(async (owner) => await backUpTo(file, owner, note))
    }
    case 'restore': {
      const exact = { type: 'boolean', default: false } as const
      const { values, positionals } = parseArguments(command, rest, ['FILE'], { exact })
      const [file = ''] = positionals
      return await withOwner(async (owner) => await restoreFrom(file, { owner, note, ...values }))
    }
    case 'reset-password': {
      const [email = ''] = parseArguments(command, rest, ['EMAIL'], {}).positionals
      return await resetPassword(email)
    }
    case 'explain':
      return await explain(rest)
    case 'user': {
      const [verb, ...more] = rest
      return await runUserCommand(verb, more, { withOwner, print, note })
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
  const isParseError = error instanceof Error && String(Reflect.get(error, 'code')).startsWith('ERR_PARSE_ARGS')
  if (error instanceof UsageError || isParseError) {
    note(`${error.message}\n\n${USAGE}`)
    process.exitCode = 2
  } else {
    // Errors of settings and of PostgreSQL are printed without a stack.
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
