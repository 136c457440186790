import { LIMITS } from '@taskwire/contract'
import { z } from 'zod'
import type { Pace } from '../limits/pacing.ts'

/** What a schema made of an input, or all that is wrong with it. */
export type Parsed<T> = { success: true; data: T } | { success: false; error: { issues: z.core.$ZodIssue[] } }

const unreadable = z.never({ error: 'holds an object where there is no place for one' })

/**
 * As `safeParse`. Zod measures whatever has a `length`, of the right type or not, and throws where that
 * is an object which cannot be compared: `{"length": {"toString": 1}}`.
 */
export function parseInput<T>(schema: z.ZodType<T>, value: unknown): z.ZodSafeParseResult<T> {
  try {
    return schema.safeParse(value)
  } catch (error) {
    if (error instanceof TypeError) return unreadable.safeParse(value)
    throw error
  }
}

/** Parsed in one piece: tens of thousands of characters, of the kind that takes longest. */
const TASKS_AT_ONCE = 10

/** The same of a large input, whose tasks are parsed some at a time, until so many things are found to be wrong. */
export async function parsePaced<T>(
  schema: z.ZodType<T>,
  value: unknown,
  { pace, mostIssues }: { pace: Pace; mostIssues: number },
): Promise<Parsed<T>> {
  const tasks = tasksOf(value)
  if (tasks === undefined) {
    await pace()
    return parseInput(schema, value)
  }
  const parsed: unknown[] = []
  const issues: z.core.$ZodIssue[] = []
  let rest: object = {}
  for (let at = 0; at < tasks.length; at += TASKS_AT_ONCE) {
    await pace()
    const part = { ...(value as object), tasks: tasks.slice(at, at + TASKS_AT_ONCE) }
    const result = parseInput(schema, part)
    if (result.success) {
      // What is beside the tasks is the same in all parts.
      rest = result.data as object
      parsed.push(...(rest as { tasks: unknown[] }).tasks)
    } else {
      issues.push(...result.error.issues.map((issue) => moved(issue, at)))
      if (issues.length >= mostIssues || !issues.every(isOfTask)) break
    }
  }
  if (issues.length > 0) return { success: false, error: { issues } }
  return { success: true, data: { ...rest, tasks: parsed } as T }
}

/** The tasks of what may be an input of `tasks.createMany`, where they are neither few nor too many. */
function tasksOf(value: unknown): unknown[] | undefined {
  const { tasks } = (value ?? {}) as { tasks?: unknown }
  return Array.isArray(tasks) && tasks.length > TASKS_AT_ONCE && tasks.length <= LIMITS.tasksPerCall ? tasks : undefined
}

function isOfTask({ path: [field, at] }: z.core.$ZodIssue): boolean {
  return field === 'tasks' && typeof at === 'number'
}

function moved(issue: z.core.$ZodIssue, by: number): z.core.$ZodIssue {
  const [field, at, ...within] = issue.path
  return isOfTask(issue) ? { ...issue, path: [field ?? '', Number(at) + by, ...within] } : issue
}
