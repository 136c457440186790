import type { Task, TaskDraft, TaskFilter, TaskSort } from '@taskwire/client'
import { CalendarDays, CalendarRange, CircleCheck, Clock, Inbox, type LucideIcon, Trash2 } from 'lucide-react'
import type { Actions } from '../actions/actions.ts'

/** A page with the tasks that match a filter. */
export interface View {
  path: string
  name: string
  icon: LucideIcon
  /** Which tasks it shows; `today` is a date. */
  filter(today: string): TaskFilter
  sort: TaskSort
  /** What a task has that is added on its page; null: none can be added. */
  draft: ((today: string) => Partial<TaskDraft>) | null
  /** What becomes of tasks that are dropped on its link; absent: none can be. */
  onDrop?(tasks: readonly Task[], actions: Actions, today: string): Promise<void>
  /** Tasks are shown below their dates. Each has to have one. */
  isByDate?: true
  /** Its link says how many tasks it has. */
  isCounted?: true
  /** The key that goes there, after `g`. */
  key?: string
  /** What the page says if it has no tasks. */
  empty: string
}

/** In the order of the navigation. On a phone, the first three are in the bar. */
export const VIEWS: readonly View[] = [
  {
    path: '/',
    name: 'Inbox',
    icon: Inbox,
    key: 'i',
    isCounted: true,
    filter: () => ({ listId: null, complete: false }),
    sort: { by: 'position', direction: 'asc' },
    draft: () => ({}),
    onDrop: async (tasks, actions) => await actions.move(tasks, null),
    empty: 'The inbox is empty. Add what comes to mind, and sort it later.',
  },
  {
    path: '/today',
    name: 'Today',
    icon: CalendarDays,
    key: 't',
    isCounted: true,
    filter: () => ({ due: 'today', complete: false }),
    sort: { by: 'due', direction: 'asc' },
    draft: (today) => ({ due: { date: today } }),
    onDrop: async (tasks, actions, today) => await actions.update(tasks, { dueDate: today }),
    empty: 'Nothing is due today.',
  },
  {
    path: '/upcoming',
    name: 'Upcoming',
    icon: CalendarRange,
    key: 'u',
    filter: (today) => ({ due: { after: today }, complete: false }),
    sort: { by: 'due', direction: 'asc' },
    draft: null,
    isByDate: true,
    empty: 'Nothing is planned. Write “tomorrow” or “friday 9am” into a task to plan it.',
  },
  {
    path: '/overdue',
    name: 'Overdue',
    icon: Clock,
    key: 'o',
    isCounted: true,
    filter: () => ({ due: 'overdue' }),
    sort: { by: 'due', direction: 'asc' },
    draft: null,
    isByDate: true,
    empty: 'Nothing is overdue.',
  },
  {
    path: '/completed',
    name: 'Completed',
    icon: CircleCheck,
    key: 'c',
    filter: () => ({ complete: true }),
    sort: { by: 'completedAt', direction: 'desc' },
    draft: null,
    onDrop: async (tasks, actions) => await actions.complete(tasks, true),
    empty: 'Nothing is completed yet.',
  },
  {
    path: '/trash',
    name: 'Trash',
    icon: Trash2,
    filter: () => ({ trash: 'only' }),
    sort: { by: 'deletedAt', direction: 'desc' },
    draft: null,
    onDrop: async (tasks, actions) => await actions.trash(tasks),
    empty: 'The trash is empty.',
  },
]
