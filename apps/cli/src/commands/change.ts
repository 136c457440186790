import type { Client, Task, TaskFilter } from '@taskwire/client'
import { labelOf } from '@taskwire/importers'
import type { Command } from 'commander'
import { addCommand, type Run, start } from '../command.ts'
import type { Context } from '../context.ts'
import { describe } from '../failure.ts'
import { findTasks } from '../find-tasks.ts'
import { shortId } from '../ids.ts'
import { printable } from '../screen.ts'

const IDS = ['<ids...>', 'as list shows them, or full ones'] as const

interface Doing<Done> {
  /** Which tasks a short id means first. */
  likely: TaskFilter
  run(client: Client, task: Task): Promise<Done>
  /** What is said of each: `Completed`. */
  say(before: Task, after: Done): string
}

/** The same to each task that is named, one after the other; what fails is told, and the others go on. */
async function toEach<Done>(ctx: Context, ids: string[], { likely, run, say }: Doing<Done>): Promise<void> {
  const client = await ctx.client()
  const tasks = await findTasks(ctx, client, ids, likely)
  const done: Done[] = []
  for (const task of tasks) {
    try {
      const after = await run(client, task)
      done.push(after)
      if (!ctx.json)
        ctx.screen.line(`${say(task, after)} ${ctx.screen.paint('cyan', shortId(task.id))} ${printable(task.title)}`)
    } catch (error) {
      const told = describe(error, ctx, `Task ${shortId(task.id)} ${labelOf(task.title)}`)
      ctx.screen.fail(told.message)
      ctx.exitCode = told.exitCode
    }
  }
  if (ctx.json) ctx.screen.json(done)
}

export function addDone(run: Run, program: Command): void {
  addCommand(run, program, 'done', {
    summary: 'Complete tasks, or open them again',
    examples: ['done 1a2b3c4d', 'done 1a2b3c4d 5e6f7a8b', 'done --undo 1a2b3c4d'],
  })
    .argument(...IDS)
    .option('--undo', 'open them again')
    .action(async (ids: string[], { undo = false }: { undo?: boolean }, command: Command) => {
      await toEach(await start(run, command), ids, {
        likely: { complete: undo },
        run: async (client, { id }) => await client.tasks.complete.mutate({ id, complete: !undo }),
        say: (before, after) => {
          if (before.complete === after.complete) return undo ? 'Is open already:' : 'Is done already:'
          return undo ? 'Opened again' : 'Completed'
        },
      })
    })
}

export function addRm(run: Run, program: Command): void {
  addCommand(run, program, 'rm', {
    summary: 'Put tasks into the trash, or erase them',
    more: '`restore` takes them out again. What --purge erases is gone for good, from the log too.',
    examples: ['rm 1a2b3c4d', 'rm 1a2b3c4d 5e6f7a8b', 'rm --purge 1a2b3c4d'],
  })
    .argument(...IDS)
    .option('--purge', 'erase them for good')
    .action(async (ids: string[], { purge = false }: { purge?: boolean }, command: Command) => {
      const ctx = await start(run, command)
      if (purge) {
        await toEach(ctx, ids, {
          likely: { trash: 'with' },
          run: async (client, { id }) => await client.tasks.purge.mutate({ id }),
          say: () => 'Erased',
        })
        return
      }
      await toEach(ctx, ids, {
        likely: {},
        run: async (client, { id }) => await client.tasks.delete.mutate({ id }),
        say: (before) => (before.deletedAt === null ? 'Into the trash:' : 'In the trash already:'),
      })
    })
}

export function addRestore(run: Run, program: Command): void {
  addCommand(run, program, 'restore', {
    summary: 'Take tasks out of the trash',
    more: 'They go last in their lists. See what is there: list --trash',
    examples: ['restore 1a2b3c4d'],
  })
    .argument(...IDS)
    .action(async (ids: string[], _options: object, command: Command) => {
      await toEach(await start(run, command), ids, {
        likely: { trash: 'only' },
        run: async (client, { id }) => await client.tasks.restore.mutate({ id }),
        say: (before) => (before.deletedAt === null ? 'Is not in the trash:' : 'Restored'),
      })
    })
}
