import type { Priority } from '@taskwire/client'
import type { NamedTask } from '@taskwire/importers'
import type { Context } from './context.ts'
import { formatDue, formatTime, nearness } from './due.ts'
import { shortIds } from './ids.ts'
import type { Style } from './screen.ts'
import { type Column, formatTable } from './table.ts'

const PRIORITY_STYLES: Record<Priority, Style | undefined> = {
  none: undefined,
  low: ['dim'],
  medium: ['blue'],
  high: ['yellow'],
  urgent: ['red', 'bold'],
}
const DUE_STYLES = { none: undefined, overdue: 'red', today: 'yellow', later: undefined } as const

/** Prints the tasks as a table. `zone` is the account's time zone, if known. */
export function printTasks(ctx: Context, tasks: readonly NamedTask[], zone: string | undefined): void {
  const { screen, io } = ctx
  const short = shortIds(tasks.map(({ id }) => id))
  const now = io.now()
  const clock = zone ?? 'UTC'
  const columns: Column<NamedTask>[] = [
    { head: 'ID', value: ({ id }) => short.get(id) ?? id, style: () => ['cyan'] },
    ...(tasks.some(({ complete }) => complete)
      ? [{ head: 'DONE', value: ({ complete }: NamedTask) => (complete ? 'yes' : '') }]
      : []),
    {
      head: 'PRIORITY',
      value: ({ priority }) => (priority === 'none' ? '' : priority),
      style: ({ priority, complete }) => (complete ? ['dim'] : PRIORITY_STYLES[priority]),
      optional: true,
    },
    {
      head: 'TITLE',
      value: ({ title }) => title,
      style: ({ complete }) => (complete ? ['dim'] : undefined),
      flexible: true,
    },
    { head: 'LIST', value: ({ listName }) => listName ?? '', flexible: true, optional: true },
    {
      head: 'DUE',
      value: ({ due }) => formatDue(due, zone),
      style: ({ due, complete }) => (complete ? ['dim'] : DUE_STYLES[nearness(due, clock, now)]),
      optional: true,
    },
    { head: 'TAGS', value: ({ tags }) => tags.join(', '), style: () => ['dim'], flexible: true, optional: true },
    ...(tasks.some(({ deletedAt }) => deletedAt !== null)
      ? [
          {
            head: 'IN TRASH SINCE',
            value: ({ deletedAt }: NamedTask) => (deletedAt === null ? '' : formatTime(deletedAt, clock)),
          },
        ]
      : []),
  ]
  screen.line(formatTable(tasks, columns, screen))
}
