import type { ApiKey, Scope } from '@taskwire/client'
import { quoteTitle } from '@taskwire/importers'
import { type Command, Option } from 'commander'
import { readZone, zoneFor } from '../account-zone.ts'
import { addCommand, inContext, repeatable, type Run } from '../command.ts'
import type { Context } from '../context.ts'
import { formatTime, parseWhen, toBound, type When } from '../due.ts'
import { CliError, EXIT } from '../exit.ts'
import { isRefusal, toCliError } from '../failure.ts'
import { timeZoneOption } from '../filters.ts'
import { isFullId, matchesId, shortIds } from '../ids.ts'
import { readKeys } from '../pages.ts'
import { formatTable } from '../table.ts'

/** The scopes of the contract, repeated here because the contract takes long to load. */
export const KEY_SCOPES = ['tasks:read', 'tasks:write', 'account'] as const satisfies Scope[]

interface CreateOptions {
  scope?: Scope[]
  expires?: When
  timeZone?: string
}

export function addKeys(run: Run, program: Command): void {
  const keys = addCommand(run, program, 'keys', {
    summary: 'Create, show and revoke keys for programs',
    examples: ['keys list', 'keys create backup --scope tasks:read', 'keys revoke backup'],
  })
  addKeysList(run, keys)
  addKeysCreate(run, keys)
  addKeysRevoke(run, keys)
}

function addKeysList(run: Run, keys: Command): void {
  addCommand(run, keys, 'list', { summary: 'Show the keys, newest first', examples: ['keys list'] }).action(
    inContext(run, async (ctx) => {
      const { screen } = ctx
      const client = await ctx.client()
      const found = await readKeys(client)
      if (ctx.json) return screen.json(found)
      if (found.length === 0)
        return screen.note(`No keys. Create one: ${ctx.program} keys create backup --scope tasks:read`)
      const zone = (await readZone(client)) ?? 'UTC'
      const short = shortIds(found.map(({ id }) => id))
      const columns = [
        { head: 'ID', value: ({ id }: ApiKey) => short.get(id) ?? id, style: () => ['cyan'] as const },
        { head: 'NAME', value: ({ name }: ApiKey) => name, flexible: true },
        { head: 'SCOPES', value: ({ scopes }: ApiKey) => scopes.join(', ') },
        { head: 'CREATED', value: ({ createdAt }: ApiKey) => formatTime(createdAt, zone) },
        {
          head: 'EXPIRES',
          value: ({ expiresAt }: ApiKey) => (expiresAt === null ? 'never' : formatTime(expiresAt, zone)),
        },
      ]
      screen.line(formatTable(found, columns, screen))
    }),
  )
}

function addKeysCreate(run: Run, keys: Command): void {
  addCommand(run, keys, 'create', {
    summary: 'Create a key; its secret is shown only once',
    more: 'Programs send the secret as "Authorization: Bearer …"; this program reads it from TASKWIRE_TOKEN.',
    examples: [
      'keys create backup --scope tasks:read',
      'keys create bot --scope tasks:write --expires 2027-01-01',
      'keys create ci > secret.txt',
    ],
  })
    .argument('<name>', 'its name, such as its purpose')
    .addOption(
      repeatable(
        '--scope <scope>',
        'what it allows: tasks:read, tasks:write (which includes reading; the default) or account',
        KEY_SCOPES,
      ),
    )
    .addOption(new Option('--expires <when>', 'when it expires (default: never)').argParser(parseWhen))
    .addOption(timeZoneOption())
    .action(
      inContext(run, async (ctx, name: string, { scope, expires, timeZone }: CreateOptions) => {
        const { screen } = ctx
        const client = await ctx.client()
        // A day without a time means its beginning in the account's time zone.
        const at = expires && { ...expires, time: expires.time ?? '00:00' }
        const expiresAt = at && toBound(at, await zoneFor(client, timeZone, [at]), ctx.io.now())
        const made = await client.keys.create
          .mutate({ name, scopes: scope ?? ['tasks:write'], expiresAt })
          .catch((error: unknown) => {
            throw toCreateError(ctx, name, error)
          })
        if (ctx.json) return screen.json(made)
        screen.line(made.secret)
        screen.note(
          `This is the secret of the key "${made.key.name}" (${made.key.scopes.join(', ')}). It is not shown again: keep it safe.`,
        )
      }),
    )
}

function toCreateError(ctx: Context, name: string, error: unknown): CliError {
  if (isRefusal(error, 'MUTATION_APPLIED'))
    return new CliError(
      `Key "${name}": it was created, but its secret did not arrive. Revoke it and create another: ${ctx.program} keys revoke "${name}"`,
    )
  return toCliError(error, ctx, `Key ${quoteTitle(name)}`)
}

function addKeysRevoke(run: Run, keys: Command): void {
  addCommand(run, keys, 'revoke', {
    summary: 'Revoke a key: its next call is refused',
    examples: ['keys revoke 1a2b3c4d', 'keys revoke backup'],
  })
    .argument('<key>', 'its id as keys list shows it, or its name')
    .action(
      inContext(run, async (ctx, named: string) => {
        const client = await ctx.client()
        const key = isFullId(named) ? { id: named, name: named } : findKey(ctx, await readKeys(client), named)
        const { id } = await client.keys.revoke.mutate({ id: key.id }).catch((error: unknown) => {
          if (isRefusal(error, 'NOT_FOUND')) throw noKey(ctx, named)
          throw toCliError(error, ctx, `Key ${quoteTitle(key.name)}`)
        })
        if (ctx.json) ctx.screen.json({ id })
        else ctx.screen.line(`Revoked the key "${key.name}".`)
      }),
    )
}

function findKey(ctx: Context, keys: readonly ApiKey[], named: string): ApiKey {
  const byName = keys.filter(({ name }) => name === named)
  const found = byName.length > 0 ? byName : keys.filter(({ id }) => matchesId(named, id))
  const [key] = found
  if (key === undefined) throw noKey(ctx, named)
  if (found.length === 1) return key
  const short = shortIds(found.map(({ id }) => id))
  const lines = found.map(({ id, name }) => `  ${short.get(id) ?? id}  ${name}`)
  throw new CliError([`${named} matches ${found.length} keys; give the id:`, ...lines].join('\n'), EXIT.usage)
}

function noKey({ program }: Context, named: string): CliError {
  return new CliError(`There is no key "${named}". See the keys: ${program} keys list`, EXIT.notFound)
}
