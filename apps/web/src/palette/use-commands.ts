import type { Task } from '@taskwire/client'
import { useLists, useStore, useTags, useTimeZone } from '@taskwire/client/react'
import { useDeferredValue, useMemo } from 'react'
import { useLocation } from 'wouter'
import { useActions, useUndo } from '../actions/provider.tsx'
import { useErase } from '../actions/use-erase.ts'
import { useOpenTask } from '../detail/open-task.ts'
import { dateWords } from '../quick-add/date-words.ts'
import { useAddTask } from '../quick-add/use-add-task.ts'
import { formatDue } from '../tasks/words.ts'
import { useToday } from '../views/today.ts'
import { type Command, findCommands, type PalettePage } from './command.ts'
import { pageCommands } from './page-commands.ts'
import { taskCommands, type TaskContext } from './task-commands.ts'

/** How many found tasks are shown. */
const MOST_FOUND = 8

/** Returns what the palette offers on a page, for what the user has written. */
export function useCommands(page: PalettePage, written: string, tasks: readonly Task[]): Command[] {
  const store = useStore()
  const actions = useActions()
  const { undo } = useUndo()
  const erase = useErase()
  const [, go] = useLocation()
  const [, openTask] = useOpenTask()
  const lists = useLists()
  const tags = useTags()
  const dues = useDues(page === 'due' ? written : '')
  // Typing does not wait for the search.
  const searched = useDeferredValue(written.trim())
  const found = useMemo(
    () => (searched === '' || page !== 'all' ? [] : store.tasks.query({ search: searched }).get().slice(0, MOST_FOUND)),
    [store, searched, page],
  )
  const text = written.trim()
  const today = useToday()
  const siblings = useSiblings(tasks)
  const addTask = useAddTask()
  return findCommands(
    [
      ...taskCommands({ tasks, siblings, lists, tags, today, actions, erase, text, dues }),
      ...pageCommands({
        lists,
        tags,
        found,
        text,
        go,
        openTask,
        undo,
        addList: actions.addList,
        addTask,
        showKeys: () => document.querySelector<HTMLDialogElement>('#keys')?.showModal(),
      }),
    ],
    page,
    text,
  )
}

/** Returns the open tasks of the one list in which all of `tasks` are; none if they are in several. */
function useSiblings(tasks: readonly Task[]): readonly Task[] {
  const store = useStore()
  return useMemo(() => {
    const [first] = tasks
    if (first === undefined || tasks.some(({ listId }) => listId !== first.listId)) return []
    const filter = { listId: first.listId, complete: false }
    return store.tasks.query(filter, { by: 'position', direction: 'asc' }).get()
  }, [store, tasks])
}

/** Returns the dues that a text means, such as `friday 9am`. */
function useDues(text: string): TaskContext['dues'] {
  const today = useToday()
  const timeZone = useTimeZone()
  return useMemo(
    () =>
      dateWords(
        timeZone,
        new Date(),
      )(text).flatMap(({ means }) =>
        means.field === 'due' ? [{ due: means.due, name: formatDue(means.due, today) }] : [],
      ),
    [text, today, timeZone],
  )
}
