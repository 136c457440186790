import { SORTS, type TaskFilter, type TaskListInput, type TaskSort } from '@taskwire/contract'
import { type Database, openDatabase, type Row, sql, type Statement, statement } from '@taskwire/db'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CallContext } from '../context.ts'
import { readCaller } from '../../auth/caller.ts'
import { toCursor } from '../cursor.ts'
import { startTestService, type TestService } from '../../testing/service.ts'
import { newCaller } from '../../testing/caller.ts'
import { listTasks } from './list-tasks.ts'

// How many tasks each of three users has; no plan may read or sort all of them. If TASKWIRE_LIST_TASKS is set, such as
// to 100000, each has that many, and a table of the time that each page takes is printed.
const TASKS_SETTING = process.env['TASKWIRE_LIST_TASKS']
const TASKS = Number(TASKS_SETTING ?? 20_000)

let service: TestService
let token: string | undefined
let userId: string | undefined
beforeAll(async () => {
  service = await startTestService()
  for (let nr = 0; nr < 3; nr++) {
    const { user, client } = await newCaller(service)
    const { id } = await client.lists.create.mutate({ name: 'List', ...(nr === 0 ? { id: LIST } : {}) })
    token ??= user.token
    userId ??= user.id
    await service.admin(
      `insert into tw.tasks (space_id, id, list_id, title, complete, completed_at, priority, tags, tag_keys, due_date,
         due_time, due_zone, due_at, position, revision, created_at, updated_at, deleted_at)
       select $1, gen_random_uuid(), case when n % 3 = 0 then $2::uuid end, 'task ' || n, n % 2 = 0, case when n % 2 = 0 then now() end,
         n % 5, array['t' || n % 50], array['t' || n % 50], d, at, case when at is not null then 'UTC' end, d + at, tw.position_text(2147483648 + n),
         n, now() - n * interval '1 minute', now(), case when n % 40 = 0 then now() end
       from generate_series(1, $3::int) n
       cross join lateral (select case when n % 4 > 0 then current_date + n % 300 end as d, case when n % 4 = 1 then time '09:00' end as at) x`,
      [user.id, id, TASKS],
    )
  }
  await service.admin('vacuum analyze tw.tasks')
}, 900_000)
afterAll(async () => {
  await service[Symbol.asyncDispose]()
  if (TASKS_SETTING !== undefined) console.table(times)
})

/** The median of ten reads of each page, in milliseconds. */
const times: { of: string; 'along an index': boolean; page: string; ms: number }[] = []

const LIST = '01998d3e-7c1a-7000-8000-000000000001'
const by = (sort: TaskSort['by'], direction: TaskSort['direction'] = 'asc'): TaskSort => ({ by: sort, direction })
type Shape = Omit<TaskListInput, 'sort'> & { sort: TaskSort; ordered: boolean; found?: boolean }
/** The orders that an index has, for all tasks outside the trash or for one list. */
const INDEXED: readonly TaskSort['by'][] = ['createdAt', 'due', 'position']
const FILTERS: Partial<Record<TaskSort['by'], TaskFilter>> = {
  position: { listId: LIST },
  completedAt: { complete: true },
  deletedAt: { trash: 'only' },
}
const everySort = SORTS.flatMap((sort) =>
  (['asc', 'desc'] as const).map((direction): [string, Shape] => {
    const filter = FILTERS[sort]
    return [
      `by ${sort}, ${direction}`,
      { sort: by(sort, direction), ordered: INDEXED.includes(sort), ...(filter && { filter }) },
    ]
  }),
)
/**
 * `ordered`: an index has the order, so only the rows of the page are read. `found`: the matches are looked up
 * first, and read by their row locations.
 */
const SHAPES: Record<string, Shape> = {
  ...Object.fromEntries(everySort),
  'of open tasks, newest first': { sort: by('createdAt', 'desc'), filter: { complete: false }, ordered: true },
  'of open tasks by due date': { sort: by('due'), filter: { complete: false }, ordered: true },
  'of two priorities, newest first': {
    sort: by('createdAt', 'desc'),
    filter: { priority: ['high', 'low'] },
    ordered: true,
  },
  'with a tag, newest first': { sort: by('createdAt', 'desc'), filter: { tags: { any: ['t7'] } }, ordered: true },
  'of the inbox by position': { sort: by('position'), filter: { listId: null }, ordered: true },
  'of open tasks of the inbox by position': {
    sort: by('position'),
    filter: { listId: null, complete: false },
    ordered: true,
  },
  'of open tasks by due date, last first': { sort: by('due', 'desc'), filter: { complete: false }, ordered: true },
  'of a search, newest first': {
    sort: by('createdAt', 'desc'),
    filter: { search: 'task' },
    ordered: false,
    found: true,
  },
  'of a search by title': { sort: by('title'), filter: { search: 'task 12' }, ordered: false, found: true },
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0

test.each(Object.entries(SHAPES))(
  'a list %s has a generic plan, which uses an index where there is one',
  async (name, { ordered, found = false, ...input }) => {
    await using database = openDatabase({ address: service.database.app, max: 1, applicationName: 'plans' })
    let sentStatement: Statement | undefined
    const caller = readCaller({ authorization: `Bearer ${token}` }, null)
    const ctx = {
      caller,
      access: 'tasks:read',
      onAuthenticated() {},
      limitedDatabase: {
        ...database,
        read: async (...call: Parameters<typeof database.read>) => {
          sentStatement = call[2].statement(call[0], call[1])
          return await database.read(...call)
        },
      },
      // listTasks() uses no other fields.
    } as unknown as CallContext
    const { nextCursor } = await listTasks(ctx, { ...input, limit: 50 })
    const queryId = { filter: input.filter, sort: input.sort, timeZone: undefined }
    // A cursor among the tasks without a due date.
    const undated = toCursor(queryId, userId ?? '', ['1', '-infinity', LIST])
    const cursors = { first: undefined, next: nextCursor ?? undefined, ...(input.sort.by === 'due' && { undated }) }
    for (const [page, cursor] of Object.entries(cursors)) {
      const took: number[] = []
      for (let nr = 0; nr < 10; nr++) {
        const begun = performance.now()
        await listTasks(ctx, { ...input, limit: 50, cursor })
        took.push(performance.now() - begun)
      }
      times.push({ of: name, 'along an index': ordered, page, ms: Number(median(took).toFixed(1)) })
      const plans = await plansOf(database, sentStatement)
      const nodes = plans.map((plan) => plan['Node Type'])
      expect(nodes).not.toContain('Seq Scan')
      expect(nodes.includes('Tid Scan')).toBe(found)
      // A scan of tasks outputs columns: the text of a task is made for the tasks of the page only, after sorting.
      const made = plans.filter((plan) => plan['Relation Name'] === 'tasks' && /concat/.test(String(plan.Output)))
      expect(made).toEqual([])
      if (!ordered) continue
      expect(nodes.filter((node) => /Sort|Bitmap/.test(node))).toEqual([])
      // A page starts at the cursor, and filters no row before it.
      expect(plans.filter(({ Filter = '' }) => Filter.includes('ROW('))).toEqual([])
    }
  },
)

interface Plan {
  'Node Type': string
  Filter?: string
  'Relation Name'?: string
  Output?: string[]
  Plans?: Plan[]
}
const within = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(within)]

/** Returns the nodes of the generic plan of a statement. */
async function plansOf(database: Database, sentStatement: Statement | undefined): Promise<Plan[]> {
  const [prepared] = await database.query(
    statement(sql`select quote_ident(name) as name, generic_plans, custom_plans from pg_prepared_statements
      where strpos(statement, ${sentStatement?.text ?? ''}::text) > 0`),
  )
  expect(prepared).toMatchObject({ custom_plans: 0 })
  const values = (sentStatement?.parameters ?? []).map((value) =>
    value === null ? 'null' : `'${value.replaceAll("'", "''")}'`,
  )
  const [explained]: Row[] = await database.query(
    statement(sql.raw(`explain (format json, verbose) execute ${String(prepared?.['name'])} (${values.join()})`)),
  )
  const plans = explained?.['QUERY PLAN'] as { Plan: Plan }[]
  return plans.flatMap((one) => within(one.Plan))
}
