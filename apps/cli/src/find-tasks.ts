import type { Client, Task, TaskFilter } from '@taskwire/client'
import type { Context } from './context.ts'
import { CliError, EXIT } from './exit.ts'
import { unlessRefused } from './failure.ts'
import { isFullId, isPartOfId, matchesId, shortIds } from './ids.ts'
import { readTasks } from './pages.ts'

const MAX_SHOWN = 10

/**
 * The tasks that a command line names, in its order, without duplicates. A full id costs one call; for
 * the beginning or end of an id all tasks are read. Such a part is looked up among the `likely` tasks
 * (those that the command is meant for) first, and among all tasks if none of these matches.
 */
export async function findTasks(
  ctx: Context,
  client: Client,
  tokens: readonly string[],
  likely: TaskFilter = { trash: 'with' },
): Promise<Task[]> {
  for (const token of tokens)
    if (!isFullId(token) && !isPartOfId(token))
      throw new CliError(
        `"${token}" is not a task's id or part of one. See the ids: ${ctx.program} list --all`,
        EXIT.notFound,
      )
  const full = tokens.filter(isFullId)
  const found = new Map<string, Task>()
  for (const token of full) found.set(token, await getTask(ctx, client, token))

  let unknown = tokens.filter((token) => !found.has(token))
  for (const filter of [likely, { trash: 'with' } as const]) {
    if (unknown.length === 0) break
    const candidates = await readTasks(client, { filter })
    for (const token of unknown) {
      const matches = candidates.filter(({ id }) => matchesId(token, id))
      const [match] = matches
      if (matches.length > 1) throw ambiguous(token, matches)
      if (match !== undefined) found.set(token, match)
    }
    unknown = unknown.filter((token) => !found.has(token))
  }
  const [missing] = unknown
  if (missing !== undefined) throw notFound(ctx, missing)

  const tasks = tokens.flatMap((token) => found.get(token) ?? [])
  return [...new Map(tasks.map((task) => [task.id, task])).values()]
}

export async function findTask(ctx: Context, client: Client, token: string, likely?: TaskFilter): Promise<Task> {
  const [task] = await findTasks(ctx, client, [token], likely)
  if (task === undefined) throw notFound(ctx, token)
  return task
}

async function getTask(ctx: Context, client: Client, id: string): Promise<Task> {
  const task = await unlessRefused(client.tasks.get.query({ id }), 'NOT_FOUND')
  if (task === undefined) throw notFound(ctx, id)
  return task
}

function notFound({ program }: Context, token: string): CliError {
  return new CliError(
    `No task has an id that begins or ends with ${token}. See the ids: ${program} list --all, or list --trash`,
    EXIT.notFound,
  )
}

function ambiguous(token: string, matches: readonly Task[]): CliError {
  const short = shortIds(matches.map(({ id }) => id))
  const lines = matches.slice(0, MAX_SHOWN).map(({ id, title }) => `  ${short.get(id) ?? id}  ${title}`)
  if (matches.length > MAX_SHOWN) lines.push(`  … and ${matches.length - MAX_SHOWN} more`)
  return new CliError(
    [`${token} matches ${matches.length} tasks; give more of the id:`, ...lines].join('\n'),
    EXIT.usage,
  )
}
