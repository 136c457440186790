import type { Client, Task, TaskFilter } from '@taskwire/client'
import { quoteTitle } from '@taskwire/importers'
import type { Command } from 'commander'
import { addCommand, inContext, type Run } from '../command.ts'
import type { Context } from '../context.ts'
import { describeError } from '../failure.ts'
import { findTasks } from '../find-tasks.ts'
import { shortId } from '../ids.ts'
import { printable } from '../screen.ts'

const IDS = ['<ids...>', 'the ids as list shows them, or full ids'] as const

interface Operation<Reply> {
  /** The tasks among which a part of an id is looked up first. */
  likely: TaskFilter
  run(client: Client, task: Task): Promise<Reply>
  /** The outcome to print for a task, such as `Completed`. */
  describeOutcome(before: Task, after: Reply): string
}

/** Runs an operation on each task in turn. A failure is reported, and the other tasks still run. */
async function runForEach<Reply>(
  ctx: Context,
  ids: string[],
  { likely, run, describeOutcome }: Operation<Reply>,
): Promise<void> {
  const client = await ctx.client()
  const tasks = await findTasks(ctx, client, ids, likely)
  const replies: Reply[] = []
  for (const task of tasks) {
    try {
      const after = await run(client, task)
      replies.push(after)
      if (!ctx.json)
        ctx.screen.line(
          `${describeOutcome(task, after)} ${ctx.screen.paint('cyan', shortId(task.id))} ${printable(task.title)}`,
        )
    } catch (error) {
      const report = describeError(error, ctx, `Task ${shortId(task.id)} ${quoteTitle(task.title)}`)
      ctx.screen.fail(report.message)
      ctx.exitCode = report.exitCode
    }
  }
  if (ctx.json) ctx.screen.json(replies)
}

export function addDone(run: Run, program: Command): void {
  addCommand(run, program, 'done', {
    summary: 'Complete tasks, or reopen them',
    examples: ['done 1a2b3c4d', 'done 1a2b3c4d 5e6f7a8b', 'done --undo 1a2b3c4d'],
  })
    .argument(...IDS)
    .option('--undo', 'reopen them')
    .action(
      inContext(run, async (ctx, ids: string[], { undo = false }: { undo?: boolean }) => {
        await runForEach(ctx, ids, {
          likely: { complete: undo },
          run: async (client, { id }) => await client.tasks.complete.mutate({ id, complete: !undo }),
          describeOutcome: (before, after) => {
            if (before.complete === after.complete) return undo ? 'Already open:' : 'Already done:'
            return undo ? 'Reopened' : 'Completed'
          },
        })
      }),
    )
}

export function addRm(run: Run, program: Command): void {
  addCommand(run, program, 'rm', {
    summary: 'Move tasks to the trash, or erase them',
    more: 'The command restore takes tasks out of the trash. --purge erases them for good, from the log too.',
    examples: ['rm 1a2b3c4d', 'rm 1a2b3c4d 5e6f7a8b', 'rm --purge 1a2b3c4d'],
  })
    .argument(...IDS)
    .option('--purge', 'erase them for good')
    .action(
      inContext(run, async (ctx, ids: string[], { purge = false }: { purge?: boolean }) => {
        if (purge) {
          await runForEach(ctx, ids, {
            likely: { trash: 'with' },
            run: async (client, { id }) => await client.tasks.purge.mutate({ id }),
            describeOutcome: () => 'Erased',
          })
          return
        }
        await runForEach(ctx, ids, {
          likely: {},
          run: async (client, { id }) => await client.tasks.delete.mutate({ id }),
          describeOutcome: (before) => (before.deletedAt === null ? 'Moved to the trash:' : 'Already in the trash:'),
        })
      }),
    )
}

export function addRestore(run: Run, program: Command): void {
  addCommand(run, program, 'restore', {
    summary: 'Take tasks out of the trash',
    more: 'They go to the end of their lists. To see the trash: list --trash',
    examples: ['restore 1a2b3c4d'],
  })
    .argument(...IDS)
    .action(
      inContext(run, async (ctx, ids: string[]) => {
        await runForEach(ctx, ids, {
          likely: { trash: 'only' },
          run: async (client, { id }) => await client.tasks.restore.mutate({ id }),
          describeOutcome: (before) => (before.deletedAt === null ? 'Not in the trash:' : 'Restored'),
        })
      }),
    )
}
