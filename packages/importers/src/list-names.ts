import { nameKey } from './text.ts'

export const INBOX = 'inbox'

interface NamedList {
  id: string
  name: string
}

/** True for the name of the inbox. A list with this name can only be selected by its id. */
export function isInbox(name: string): boolean {
  return nameKey(name.trim()) === INBOX
}

/** Returns the list with this name or full id. The name `inbox` finds no list. */
export function findList<T extends NamedList>(lists: readonly T[], name: string): T | undefined {
  const key = nameKey(name.trim())
  return lists.find((list) => (nameKey(list.name) === key && key !== INBOX) || list.id === key)
}

/** Returns the names of the lists that tasks need and the account does not have, each once. */
export function missingLists(tasks: readonly { list: string | null }[], lists: readonly NamedList[]): string[] {
  const names = new Map<string, string>()
  for (const { list } of tasks)
    if (list !== null && !isInbox(list) && !names.has(nameKey(list))) names.set(nameKey(list), list)
  return [...names.values()].filter((name) => findList(lists, name) === undefined)
}
