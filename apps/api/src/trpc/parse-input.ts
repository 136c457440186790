import { LIMITS } from '@taskwire/contract'
import { z } from 'zod'
import type { Pace } from '../limits/pacing.ts'

/** The parsed input, or its issues. */
export type Parsed<T> = { success: true; data: T } | { success: false; error: { issues: z.core.$ZodIssue[] } }

const unreadable = z.never({ error: 'has an object in a place where none is allowed' })

/**
 * Like `safeParse`. Zod checks the `length` of a value of any type, and throws if it is an object that cannot be compared,
 * such as `{"length": {"toString": 1}}`.
 */
export function parseInput<T>(schema: z.ZodType<T>, value: unknown): z.ZodSafeParseResult<T> {
  try {
    return schema.safeParse(value)
  } catch (error) {
    if (error instanceof TypeError) return unreadable.safeParse(value)
    throw error
  }
}

/** Tasks that are parsed in one piece: at most tens of thousands of characters. */
const TASKS_AT_ONCE = 10

/** Like `parseInput`, for a large input: parses its tasks in pieces, and stops after `mostIssues` issues. */
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
      // The fields other than `tasks` are the same in all pieces.
      rest = result.data as object
      parsed.push(...(rest as { tasks: unknown[] }).tasks)
    } else {
      issues.push(...result.error.issues.map((issue) => shiftIndex(issue, at)))
      if (issues.length >= mostIssues || !issues.every(isTaskIssue)) break
    }
  }
  if (issues.length > 0) return { success: false, error: { issues } }
  return { success: true, data: { ...rest, tasks: parsed } as T }
}

/** The tasks of a possible input of `tasks.createMany`, if they are more than one piece and within the limit. */
function tasksOf(value: unknown): unknown[] | undefined {
  const { tasks } = (value ?? {}) as { tasks?: unknown }
  return Array.isArray(tasks) && tasks.length > TASKS_AT_ONCE && tasks.length <= LIMITS.tasksPerCall ? tasks : undefined
}

function isTaskIssue({ path: [field, at] }: z.core.$ZodIssue): boolean {
  return field === 'tasks' && typeof at === 'number'
}

function shiftIndex(issue: z.core.$ZodIssue, by: number): z.core.$ZodIssue {
  const [field, at, ...within] = issue.path
  return isTaskIssue(issue) ? { ...issue, path: [field ?? '', Number(at) + by, ...within] } : issue
}
