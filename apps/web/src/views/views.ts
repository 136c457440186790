import type { Task, TaskDraft, TaskFilter, TaskSort } from '@taskwire/client'
import { CalendarDays, CalendarRange, CircleCheck, Clock, Inbox, type LucideIcon, Trash2 } from 'lucide-react'
import type { Actions } from '../actions/actions.ts'

/** A list of tasks with a page of its own. To add one, add it here. */
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
  take?(tasks: readonly Task[], actions: Actions, today: string): Promise<void>
  /** Tasks are shown below the names of these groups. */
  groups?: 'date'
  /** What the page says if it has no tasks. */
  empty: string
}

export const VIEWS: readonly View[] = [
  {
    path: '/',
    name: 'Inbox',
    icon: Inbox,
    filter: () => ({ listId: null, complete: false }),
    sort: { by: 'position', direction: 'asc' },
    draft: () => ({}),
    take: async (tasks, actions) => await actions.move(tasks, null),
    empty: 'The inbox is empty. Add what comes to mind, and sort it later.',
  },
  {
    path: '/today',
    name: 'Today',
    icon: CalendarDays,
    filter: () => ({ due: 'today', complete: false }),
    sort: { by: 'due', direction: 'asc' },
    draft: (today) => ({ due: { date: today } }),
    take: async (tasks, actions, today) => await actions.update(tasks, { dueDate: today }),
    empty: 'Nothing is due today.',
  },
  {
    path: '/upcoming',
    name: 'Upcoming',
    icon: CalendarRange,
    filter: (today) => ({ due: { after: today }, complete: false }),
    sort: { by: 'due', direction: 'asc' },
    draft: null,
    groups: 'date',
    empty: 'Nothing is planned. Write “tomorrow” or “friday 9am” into a task to plan it.',
  },
  {
    path: '/overdue',
    name: 'Overdue',
    icon: Clock,
    filter: () => ({ due: 'overdue' }),
    sort: { by: 'due', direction: 'asc' },
    draft: null,
    groups: 'date',
    empty: 'Nothing is overdue.',
  },
  {
    path: '/completed',
    name: 'Completed',
    icon: CircleCheck,
    filter: () => ({ complete: true }),
    sort: { by: 'completedAt', direction: 'desc' },
    draft: null,
    take: async (tasks, actions) => await actions.complete(tasks, true),
    empty: 'Nothing is completed yet.',
  },
  {
    path: '/trash',
    name: 'Trash',
    icon: Trash2,
    filter: () => ({ trash: 'only' }),
    sort: { by: 'deletedAt', direction: 'desc' },
    draft: null,
    take: async (tasks, actions) => await actions.trash(tasks),
    empty: 'The trash is empty.',
  },
]
