import { type Client, failureOf, type List } from '@taskwire/client'
import { keyOf, labelOf } from './formats/text.ts'
import type { Context } from './context.ts'
import { CliError, EXIT } from './exit.ts'
import { about } from './failure.ts'
import { readLists } from './pages.ts'

const INBOX = 'inbox'
const SHOWN = 10

export function findList(lists: readonly List[], name: string): List | undefined {
  const key = keyOf(name.trim())
  return lists.find((list) => keyOf(list.name) === key)
}

/** The id of a list by its name; null for the inbox, unless a list has that name. */
export function listIdOf(lists: readonly List[], name: string, remedy = ''): string | null {
  const list = findList(lists, name)
  if (list !== undefined) return list.id
  if (keyOf(name.trim()) === INBOX) return null
  const known = lists.slice(0, SHOWN).map((each) => `"${each.name}"`)
  const there =
    known.length === 0 ? 'there is none yet' : `there are ${known.join(', ')}${lists.length > SHOWN ? ', …' : ''}`
  throw new CliError(`There is no list "${name}"; ${there}, and inbox. ${remedy}`.trim(), EXIT.notFound)
}

/** The same, and makes the list where it is missing and that was asked for. */
export async function listIdFor(ctx: Context, client: Client, name: string, create: boolean): Promise<string | null> {
  const lists = await readLists(client)
  if (!create) return listIdOf(lists, name, 'Make it by adding --create-list')
  if (findList(lists, name) === undefined && keyOf(name.trim()) === INBOX) return null
  return (findList(lists, name) ?? (await createList(ctx, client, name))).id
}

/** Makes a list; where another program has just made it, gives that one. */
export async function createList(ctx: Context, client: Client, name: string): Promise<List> {
  try {
    return await client.lists.create.mutate({ name })
  } catch (error) {
    const failure = failureOf(error)
    if (failure.appCode === 'ALREADY_EXISTS' && failure.current !== undefined && 'name' in failure.current)
      return failure.current
    throw about(`List ${labelOf(name)}`, error, ctx)
  }
}
