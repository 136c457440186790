import type { Due, List, Priority, TagCount, Task } from '@taskwire/client'
import type { Actions } from '../actions/actions.ts'
import { named } from '../actions/done.ts'
import { afterStep } from '../actions/places.ts'
import { isIn } from '../actions/tags.ts'
import { formatDay } from '../tasks/words.ts'
import { addDays } from '../views/dates.ts'
import type { Command, PalettePage } from './command.ts'

const PRIORITIES: readonly Priority[] = ['urgent', 'high', 'medium', 'low', 'none']

export interface TaskContext {
  tasks: readonly Task[]
  /** The open tasks of the list in which all of `tasks` are, in order; empty if they are in several lists. */
  siblings: readonly Task[]
  lists: readonly List[]
  tags: readonly TagCount[]
  /** A date. */
  today: string
  actions: Actions
  erase(tasks: readonly Task[]): Promise<void>
  /** What the user has written, for new lists and tags. */
  text: string
  /** The dues that `text` means. */
  dues: readonly { due: Due; name: string }[]
}

/** What can be done to some tasks: nothing without tasks. */
export function taskCommands(context: TaskContext): Command[] {
  const { tasks, actions, erase } = context
  if (tasks.length === 0) return []
  const group = named(tasks)
  const all = (name: string, does: Command['does'], key?: string): Command => ({
    id: `task ${name}`,
    name,
    group,
    page: 'all',
    ...(key !== undefined && { key }),
    does,
  })
  if (tasks.every(({ deletedAt }) => deletedAt !== null))
    return [all('Restore', () => actions.restore(tasks)), all('Erase for good', () => erase(tasks))]
  const isDone = tasks.every(({ complete }) => complete)
  return [
    all(isDone ? 'Reopen' : 'Complete', () => actions.complete(tasks, !isDone), 'c'),
    all('Move to a list', 'move', 'v'),
    all('Change when it is due', 'due', 'd'),
    all('Change the priority', 'priority', 'p'),
    all('Change the tags', 'tag', 't'),
    all('Delete', () => actions.trash(tasks), 'Delete'),
    ...moves(context),
    ...dues(context),
    ...priorities(context),
    ...tagging(context),
  ]
}

/** Returns a function that makes the commands of a page. */
const on =
  (page: PalettePage, group: string) =>
  (name: string, does: () => unknown): Command => ({ id: `${page} ${group} ${name}`, name, group, page, does })

const answer = (command: Command): Command => ({ ...command, isAnswer: true })

function moves({ tasks, siblings, lists, actions, text }: TaskContext): Command[] {
  const to = on('move', 'To a list')
  const within = on('move', 'In its list')
  const [first] = tasks
  const place = (after: string | null | undefined): unknown =>
    first !== undefined && after !== undefined && actions.place(tasks, first.listId, after)
  const places: [name: string, after: string | null | undefined][] = [
    ['Move up', afterStep(siblings, tasks, -1)],
    ['Move down', afterStep(siblings, tasks, 1)],
    ['Move to the top', siblings.length > 1 ? null : undefined],
  ]
  const isNew = text !== '' && !lists.some(({ name }) => name.toLowerCase() === text.toLowerCase())
  async function moveToNew(): Promise<void> {
    const list = await actions.addList(text)
    if (list !== undefined) await actions.move(tasks, list.id)
  }
  return [
    to('Move to the inbox', () => actions.move(tasks, null)),
    ...lists.map(({ id, name }) => ({ ...to(`Move to ${name}`, () => actions.move(tasks, id)), id: `move ${id}` })),
    ...(isNew ? [answer(to(`Move to the new list ${text}`, moveToNew))] : []),
    ...places.filter(([, after]) => after !== undefined).map(([name, after]) => within(name, () => place(after))),
  ]
}

function dues({ tasks, today, actions, dues }: TaskContext): Command[] {
  const due = on('due', 'Due')
  const dates: [name: string, date: string][] = [
    ['Due today', today],
    ['Due tomorrow', addDays(today, 1)],
    [`Due in a week, ${formatDay(addDays(today, 7))}`, addDays(today, 7)],
  ]
  return [
    ...dues.map(({ due: value, name }) => answer(due(`Due ${name}`, () => actions.update(tasks, { due: value })))),
    // What has a time keeps it.
    ...dates.map(([name, dueDate]) => due(name, () => actions.update(tasks, { dueDate }))),
    due('No due date', () => actions.update(tasks, { due: null })),
  ]
}

const priorities = ({ tasks, actions }: TaskContext): Command[] =>
  PRIORITIES.map((priority) =>
    on('priority', 'Priority')(priority === 'none' ? 'No priority' : `Priority ${priority}`, () =>
      actions.update(tasks, { priority }),
    ),
  )

/** A tag that all tasks have can be removed; any other can be added. */
function tagging({ tasks, tags, actions, text }: TaskContext): Command[] {
  const tagIt = on('tag', 'Tags')
  const typed = text.replace(/^@/, '')
  const isNew =
    typed !== '' &&
    !isIn(
      tags.map(({ tag }) => tag),
      typed,
    )
  return [
    ...tags.map(({ tag }) => {
      const hasTag = tasks.every((task) => isIn(task.tags, tag))
      return tagIt(`${hasTag ? 'Remove' : 'Add'} the tag ${tag}`, () =>
        hasTag ? actions.removeTag(tasks, tag) : actions.addTag(tasks, tag),
      )
    }),
    ...(isNew ? [answer(tagIt(`Add the new tag ${typed}`, () => actions.addTag(tasks, typed)))] : []),
  ]
}
