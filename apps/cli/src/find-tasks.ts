import { type Client, failureOf, isTaskwireError, type Task, type TaskFilter } from '@taskwire/client'
import type { Context } from './context.ts'
import { CliError, EXIT } from './exit.ts'
import { isFullId, isPartOfId, names, shortIds } from './ids.ts'
import { readTasks } from './pages.ts'

const SHOWN = 10

/**
 * The tasks that a command line names, in its order, each once: by a full id, which costs one call,
 * or by the beginning or end of one, for which the tasks are read through. A short name may mean one
 * of the `likely` tasks (those that the command is for), and only without any, one of the others.
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
        `"${token}" is no id of a task, nor a part of one. See the ids: ${ctx.program} list --all`,
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
      const matches = candidates.filter(({ id }) => names(token, id))
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
  try {
    return await client.tasks.get.query({ id })
  } catch (error) {
    if (isTaskwireError(error) && failureOf(error).appCode === 'NOT_FOUND') throw notFound(ctx, id)
    throw error
  }
}

function notFound({ program }: Context, token: string): CliError {
  return new CliError(
    `No task has the id ${token}, or one that begins or ends so. See the ids: ${program} list --all, or list --trash`,
    EXIT.notFound,
  )
}

function ambiguous(token: string, matches: readonly Task[]): CliError {
  const short = shortIds(matches.map(({ id }) => id))
  const lines = matches.slice(0, SHOWN).map(({ id, title }) => `  ${short.get(id) ?? id}  ${title}`)
  if (matches.length > SHOWN) lines.push(`  … and ${matches.length - SHOWN} more`)
  return new CliError(
    [`${token} may mean any of ${matches.length} tasks; give more of the id:`, ...lines].join('\n'),
    EXIT.usage,
  )
}
