import type { Client, Task, TaskFilter } from '@taskwire/client'
import type { Context } from './context.ts'
import { CliError, EXIT } from './exit.ts'
import { unlessRefused } from './failure.ts'
import { isFullId, isPartOfId, matchesId, shortIds } from './ids.ts'
import { readTasks } from './pages.ts'

const MAX_SHOWN = 10

/**
 * Finds the tasks that a command line names by ids or parts of ids, in its order, without duplicates. A full id costs
 * one call. A part is first looked up among the `likely` tasks, for which the command is meant. If none of these
 * matches, it is looked up among all tasks.
 */
export async function findTasks(
  ctx: Context,
  client: Client,
  names: readonly string[],
  likely: TaskFilter = { trash: 'with' },
): Promise<Task[]> {
  for (const name of names)
    if (!isFullId(name) && !isPartOfId(name))
      throw new CliError(
        `"${name}" is not a task's id or part of one. See the ids: ${ctx.program} list --all`,
        EXIT.notFound,
      )
  const full = names.filter(isFullId)
  const found = new Map<string, Task>()
  for (const name of full) found.set(name, await getTask(ctx, client, name))

  let unknown = names.filter((name) => !found.has(name))
  for (const filter of [likely, { trash: 'with' } as const]) {
    if (unknown.length === 0) break
    const candidates = await readTasks(client, { filter })
    for (const name of unknown) {
      const matches = candidates.filter(({ id }) => matchesId(name, id))
      const [match] = matches
      if (matches.length > 1) throw ambiguous(name, matches)
      if (match !== undefined) found.set(name, match)
    }
    unknown = unknown.filter((name) => !found.has(name))
  }
  const [missing] = unknown
  if (missing !== undefined) throw notFound(ctx, missing)

  const tasks = names.flatMap((name) => found.get(name) ?? [])
  return [...new Map(tasks.map((task) => [task.id, task])).values()]
}

export async function findTask(ctx: Context, client: Client, name: string, likely?: TaskFilter): Promise<Task> {
  const [task] = await findTasks(ctx, client, [name], likely)
  if (task === undefined) throw notFound(ctx, name)
  return task
}

async function getTask(ctx: Context, client: Client, id: string): Promise<Task> {
  const task = await unlessRefused(client.tasks.get.query({ id }), 'NOT_FOUND')
  if (task === undefined) throw notFound(ctx, id)
  return task
}

function notFound({ program }: Context, name: string): CliError {
  return new CliError(
    `No task has an id that begins or ends with ${name}. See the ids: ${program} list --all, or list --trash`,
    EXIT.notFound,
  )
}

function ambiguous(name: string, matches: readonly Task[]): CliError {
  const short = shortIds(matches.map(({ id }) => id))
  const lines = matches.slice(0, MAX_SHOWN).map(({ id, title }) => `  ${short.get(id) ?? id}  ${title}`)
  if (matches.length > MAX_SHOWN) lines.push(`  … and ${matches.length - MAX_SHOWN} more`)
  return new CliError(
    [`${name} matches ${matches.length} tasks; give more of the id:`, ...lines].join('\n'),
    EXIT.usage,
  )
}
