import type { Page, User } from '@taskwire/contract'
import type { Address } from '@taskwire/db'
import { ConfigError } from '../config.ts'
import { AppError } from '../errors.ts'
import { parseArguments, UsageError } from './arguments.ts'
import { importUsers } from './import-users.ts'
import { openOperator, type Operator } from './operator.ts'

interface Terminal {
  withOwner<T>(work: (owner: Address) => Promise<T>): Promise<T>
  print(line: string): void
  note(line: string): void
}

const CHANGES = { disable: { disabled: true }, enable: { disabled: false } } as const
const DONE = { disable: 'Disabled', enable: 'Enabled', delete: 'Erased' } as const

/** Runs `taskwire-admin user <verb>`. */
export async function runUserCommand(verb: string | undefined, args: string[], terminal: Terminal): Promise<void> {
  switch (verb) {
    case 'create':
      return await createUser(args, terminal)
    case 'disable':
    case 'enable':
    case 'delete':
      return await changeUser(verb, args, terminal)
    case 'list':
      parseArguments('user list', args, [], {})
      return await asOperator(terminal, async (operator) => await listUsers(operator, terminal))
    case 'import': {
      const [file = ''] = parseArguments('user import', args, ['FILE'], {}).positionals
      return await asOperator(terminal, async (operator) => await importUsers(file, operator, terminal.note))
    }
    default:
      throw new UsageError('user takes create, disable, enable, delete, list or import.')
  }
}

/** Runs `work`. Throws a ConfigError if a call is refused, whose message begins with `name`, the name of an account. */
async function asOperator<T>(
  { withOwner }: Terminal,
  work: (operator: Operator) => Promise<T>,
  name?: string,
): Promise<T> {
  return await withOwner(async (owner) => {
    await using operator = await openOperator(owner)
    try {
      return await work(operator)
    } catch (error) {
      if (!(error instanceof AppError) || error.appCode === 'INTERNAL') throw error
      throw new ConfigError(name === undefined ? error.message : `${name}: ${error.message}`)
    }
  })
}

async function createUser(args: string[], terminal: Terminal): Promise<void> {
  const options = { name: { type: 'string' }, email: { type: 'string' }, 'time-zone': { type: 'string' } } as const
  const { values, positionals } = parseArguments('user create', args, ['EXTERNAL_ID'], options)
  const { name, email, 'time-zone': timeZone } = values
  if (name === undefined) throw new UsageError('user create needs --name NAME.')
  const input = { externalId: positionals[0], name, email, timeZone }
  // The reply of users.create.
  const user = (await asOperator(terminal, async (operator) => await operator.call('users.create', input))) as User
  terminal.print(user.id)
}

async function changeUser(verb: keyof typeof DONE, args: string[], terminal: Terminal): Promise<void> {
  const hasId = args.some((arg) => /^--id(=|$)/.test(arg))
  const command = `user ${verb}`
  const options = { id: { type: 'string' } } as const
  const { values, positionals } = parseArguments(command, args, hasId ? [] : ['EXTERNAL_ID'], options)
  const name = values.id ?? positionals[0]
  const named = hasId ? { id: name } : { externalId: name }
  await asOperator(
    terminal,
    async (operator) =>
      await (verb === 'delete'
        ? operator.call('users.delete', named)
        : operator.call('users.update', { ...named, changes: CHANGES[verb] })),
    name,
  )
  terminal.note(`${DONE[verb]} the account ${name}`)
}

async function listUsers(operator: Operator, { print }: Terminal): Promise<void> {
  for (let cursor: string | null | undefined; cursor !== null;) {
    // The reply of users.list.
    const page = (await operator.call('users.list', { limit: 100, cursor })) as Page<User>
    for (const { id, externalId, name, email, timeZone, disabled } of page.items)
      print([id, externalId ?? '', name, email ?? '', timeZone, disabled ? 'disabled' : 'active'].join('\t'))
    cursor = page.nextCursor
  }
}
