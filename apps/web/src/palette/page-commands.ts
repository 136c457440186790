import type { List, TagCount, Task } from '@taskwire/client'
import { VIEWS } from '../views/views.ts'
import type { Command } from './command.ts'

export interface PageContext {
  lists: readonly List[]
  tags: readonly TagCount[]
  /** Tasks that have the words of `text`. */
  found: readonly Task[]
  /** What the user has written. */
  text: string
  go(path: string): void
  openTask(id: string): void
  addList(name: string): Promise<List | undefined>
  undo(): Promise<void>
  addTask(): void
  showKeys(): void
}

/** The pages that are no views. */
const PLACES = [
  ['/search', 'Search'],
  ['/undecided', 'To decide'],
  ['/import', 'Import'],
  ['/export', 'Export'],
  ['/settings', 'Settings'],
] as const

/** What can be done without tasks: to go somewhere, to find a task, to add a list. */
export function pageCommands({ lists, tags, found, text, ...does }: PageContext): Command[] {
  const general = (name: string, what: Command['does'], key?: string): Command => ({
    id: `general ${name}`,
    name,
    group: 'General',
    page: 'all',
    ...(key !== undefined && { key }),
    does: what,
  })
  const goTo = (path: string, name: string, group: string): Command => ({
    id: path,
    name: `Go to ${name}`,
    group,
    page: 'all',
    does: () => does.go(path),
  })
  return [
    general('Add a task', does.addTask, 'q'),
    general('Add a list', 'new-list'),
    general('Undo', does.undo, 'z'),
    general('Show the keyboard shortcuts', does.showKeys, '?'),
    ...VIEWS.map(({ path, name, key }) => ({ ...goTo(path, name, 'Go to'), ...(key && { key: `g ${key}` }) })),
    ...PLACES.map(([path, name]) => goTo(path, name, 'Go to')),
    ...lists.map(({ id, name }) => goTo(`/lists/${id}`, name, 'Lists')),
    ...tags.map(({ tag }) => goTo(`/tags/${encodeURIComponent(tag)}`, `@${tag}`, 'Tags')),
    ...newList(text, does),
    ...found.map(({ id, title }): Command => ({
      id,
      name: title,
      group: 'Tasks',
      page: 'all',
      isAnswer: true,
      does: () => does.openTask(id),
    })),
  ]
}

function newList(text: string, { addList, go }: Pick<PageContext, 'addList' | 'go'>): Command[] {
  if (text === '') return []
  async function add(): Promise<void> {
    const list = await addList(text)
    if (list !== undefined) go(`/lists/${list.id}`)
  }
  return [
    { id: 'new-list', name: `Add the list ${text}`, group: 'General', page: 'new-list', isAnswer: true, does: add },
  ]
}
