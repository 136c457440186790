import { type Client, failureOf, type List } from '@taskwire/client'
import { keyOf, labelOf } from '@taskwire/importers'
import type { Context } from './context.ts'
import { CliError, EXIT } from './exit.ts'
import { about } from './failure.ts'
import { readLists } from './pages.ts'

export const INBOX = 'inbox'
const SHOWN = 10

/** True for the name of the inbox; a list that has it all the same goes by its id. */
export function isInbox(name: string): boolean {
  return keyOf(name.trim()) === INBOX
}

/** The list of a name, which is not the inbox's, or of a full id. */
export function findList(lists: readonly List[], name: string): List | undefined {
  const key = keyOf(name.trim())
  return lists.find((list) => (keyOf(list.name) === key && key !== INBOX) || list.id === key)
}

/** The id of a list by its name or id; null for the inbox. */
export function listIdOf(lists: readonly List[], name: string, remedy = ''): string | null {
  if (isInbox(name)) return null
  const list = findList(lists, name)
  if (list !== undefined) return list.id
  const known = [INBOX, ...lists.slice(0, SHOWN).map((each) => `"${each.name}"`)]
  const there =
    known.length === 1 ? `there is only ${INBOX}` : `there are ${known.join(', ')}${lists.length > SHOWN ? ', …' : ''}`
  throw new CliError(`There is no list "${name}"; ${there}. ${remedy}`.trim(), EXIT.notFound)
}

/** The same, and makes the list where it is missing and that was asked for. */
export async function listIdFor(ctx: Context, client: Client, name: string, create: boolean): Promise<string | null> {
  if (isInbox(name)) return null
  const lists = await readLists(client)
  if (!create) return listIdOf(lists, name, 'Make it by adding --create-list')
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
