import type { NamedTask } from '@taskwire/importers'
import { type Command } from 'commander'
import { readZone } from '../account-zone.ts'
import { addCommand, inContext, type Run } from '../command.ts'
import { formatDue, formatTime, nearness } from '../due.ts'
import { findTask } from '../find-tasks.ts'
import { withNames } from '../named-tasks.ts'
import { printable, printFields, type Screen } from '../screen.ts'
import { textRows } from '../text-fields.ts'

export function addShow(run: Run, program: Command): void {
  addCommand(run, program, 'show', {
    summary: 'Show all fields of a task',
    examples: ['show 1a2b3c4d', 'show 1a2b3c4d --json'],
  })
    .argument('<id>', 'the id as list shows it, or the full id')
    .action(
      inContext(run, async (ctx, id: string) => {
        const client = await ctx.client()
        const [task] = await withNames(client, [await findTask(ctx, client, id)])
        if (ctx.json) return ctx.screen.json(task)
        if (task !== undefined) printTask(ctx.screen, task, await readZone(client), ctx.io.now())
      }),
    )
}

function printTask(screen: Screen, task: NamedTask, zone: string | undefined, now: Date): void {
  const clock = zone ?? 'UTC'
  const { due, description } = task
  const overdue = !task.complete && nearness(due, clock, now) === 'overdue' ? ' (overdue)' : ''
  const at = (time: string | null): string => (time === null ? '' : formatTime(time, clock))
  const fields: [string, string][] = [
    ['ID', task.id],
    ['List', task.listName ?? 'inbox'],
    ['State', task.complete ? `done ${at(task.completedAt)}` : 'open'],
    ['Priority', task.priority],
    ['Due', `${formatDue(due, zone)}${overdue}`],
    ['Tags', task.tags.join(', ')],
    ...textRows(task),
    ['Created', at(task.createdAt)],
    ['Changed', `${at(task.updatedAt)} (revision ${task.revision})`],
    ['In trash', task.deletedAt === null ? '' : `since ${at(task.deletedAt)}`],
  ]
  screen.line(screen.paint('bold', printable(task.title)))
  printFields(screen, fields)
  if (description) screen.line(`\n${printable(description.replace(/\r\n?/gu, '\n'), { lines: true })}`)
}
