import { type Client, failureOf, type List } from '@taskwire/client'
import { findList, INBOX, isInbox, quoteTitle } from '@taskwire/importers'
import type { Context } from './context.ts'
import { CliError, EXIT } from './exit.ts'
import { toCliError } from './failure.ts'
import { readLists } from './pages.ts'

const MAX_SHOWN = 10

/** Returns the id of a list by its name or id; null for the inbox. */
export function listIdOf(lists: readonly List[], name: string, remedy = ''): string | null {
  if (isInbox(name)) return null
  const list = findList(lists, name)
  if (list !== undefined) return list.id
  const known = [INBOX, ...lists.slice(0, MAX_SHOWN).map((each) => `"${each.name}"`)]
  const more = lists.length > MAX_SHOWN ? ', …' : ''
  throw new CliError(`There is no list "${name}", only ${known.join(', ')}${more}. ${remedy}`.trim(), EXIT.notFound)
}

export interface Destination {
  /** Null is the inbox. */
  listId: string | null
  /** What was created to find the list, for the error message of a later call. */
  done: readonly string[]
}

/** Returns the list that a command names. Creates a missing list if `create` is set. */
export async function findOrCreateList(
  ctx: Context,
  client: Client,
  name: string,
  create: boolean,
): Promise<Destination> {
  if (isInbox(name)) return { listId: null, done: [] }
  const lists = await readLists(client)
  const found = findList(lists, name)
  if (found !== undefined || !create)
    return { listId: listIdOf(lists, name, 'Add --create-list to create it.'), done: [] }
  const { id } = await createList(ctx, client, name)
  return { listId: id, done: [`created list ${quoteTitle(name)}`] }
}

/** Creates a list, or returns the one that another program has just created under this name. */
export async function createList(ctx: Context, client: Client, name: string): Promise<List> {
  try {
    return await client.lists.create.mutate({ name })
  } catch (error) {
    const failure = failureOf(error)
    if (failure.appCode === 'ALREADY_EXISTS' && failure.current !== undefined && 'name' in failure.current)
      return failure.current
    throw toCliError(error, ctx, `List ${quoteTitle(name)}`)
  }
}
