import { randomUUID } from 'node:crypto'
import { subscribe } from 'node:diagnostics_channel'
import type { TaskListInput } from '@taskwire/contract'
import { connectOnce, declaredMutations, SENT_QUERIES, type SentQuery, startListener } from '@taskwire/db'
import { committedTextsOf, hashRows } from '@taskwire/db/testing'
import { afterAll, expect, test } from 'vitest'
import { explainCall, type ExplainAddresses } from './explain.ts'
import { newCaller } from '../testing/caller.ts'
import { startTestService, until } from '../testing/service.ts'

const service = await startTestService()
afterAll(() => service[Symbol.asyncDispose]())
const { client, user } = await newCaller(service)
const task = await client.tasks.create.mutate({ title: 'first', tags: ['a'] })

const { app, owner, admin } = service.database
async function explain(
  path: string,
  input: unknown,
  { superuser = null }: Partial<ExplainAddresses> = {},
): Promise<string> {
  const text = typeof input === 'string' ? input : JSON.stringify(input)
  return await explainCall({ app, owner, superuser }, { path, input: text, email: user.email })
}

async function allRows(): Promise<Record<string, string>> {
  await using connection = await connectOnce({ address: admin, applicationName: 'taskwire-test' })
  return await hashRows(connection.sql, user.id)
}

const sent: SentQuery[] = []
// Caller sessions publish this type.
subscribe(SENT_QUERIES, (message) => void sent.push(message as SentQuery))

const A_HASH = /[0-9a-f]{64}/
const ROUND_TRIP = '1 round trip to the database'

const filtered: TaskListInput = { filter: { tags: { any: ['a'] }, priority: ['none'] }, limit: 10 }
const byId = { id: task.id }
const queries: [string, object, () => Promise<unknown>, RegExp[]][] = [
  [
    'tasks.list',
    filtered,
    async () => await client.tasks.list.query(filtered),
    [/Index Scan.* on tasks t .*actual time=[\d.]+.*rows=1/, /Filter: .*tag_keys.* && \$\d/],
  ],
  [
    'tasks.get',
    byId,
    async () => await client.tasks.get.query(byId),
    [/Index Scan using tasks_pkey on tasks t .*actual time=/, /Index Cond: .*\(id = \$5\)/],
  ],
]

test.each(queries)(
  '%s shows the statement of a real call, its parameters and its plan',
  async (path, input, call, plan) => {
    sent.length = 0
    await call()
    const text = await explain(path, input)
    const [real, explained] = sent
    expect(explained).toEqual(real)
    expect(sent).toHaveLength(2)
    expect(committedTextsOf(explained ?? { name: '', text: '' })).toBeDefined()
    expect(text).toContain(`STATEMENT\n${real?.text}\n`)
    expect(text).toContain(`${path} as ${user.email}: ${ROUND_TRIP}`)
    for (const line of plan) expect(text).toMatch(line)
    expect(text).toMatch(/Buffers: shared hit=\d+/)
    // The login's settings apply, with which the plan does not depend on the parameters.
    expect(text).toMatch(
      /PLAN of the second run, as taskwire_app\.[^]*Settings: .*plan_cache_mode = 'force_generic_plan'/,
    )
    // The policies of row-level security are in the plan.
    expect(text).toContain("current_setting('app.space'::text, true)")
    expect(text).toContain("$2 = (a hash)\n$3 = null\n$4 = 'tasks:read'\n")
    expect(text).toMatch(/OUTCOME, rolled back\nOK$/)
    expect(text).not.toMatch(A_HASH)
  },
)

test('a mutation is rolled back, and leaves no row, revision, session or notification', async () => {
  const payloads: string[] = []
  const listening = Promise.withResolvers<void>()
  const marker = Promise.withResolvers<void>()
  await using listener = startListener({
    address: app,
    applicationName: 'taskwire-test',
    onListening: () => listening.resolve(),
    onNotify(payload) {
      payloads.push(payload)
      if (payload === 'marker') marker.resolve()
    },
  })
  await listening.promise
  const before = await allRows()
  const mutationId = randomUUID()
  const input = { id: task.id, changes: { title: "it's \\ 'new'" }, mutationId }
  const text = await explain('tasks.update', input, { superuser: admin })
  expect(await allRows()).toEqual(before)
  expect(await client.tasks.get.query(byId)).toEqual(task)
  await listener.notify('marker')
  await marker.promise
  expect(payloads).toEqual(['marker'])

  expect(text).toContain(declaredMutations().find(({ name }) => name === 'update_task')?.text)
  expect(text).toContain(ROUND_TRIP)
  expect(text).toContain(`$4 = '${mutationId}'\n$5 = (a hash)\n`)
  expect(text).toContain(String.raw`$8 = '{"title":"it''s \\ ''new''"}'`)
  expect(text).toMatch(/Function Scan on update_task .*actual time=/)
  // The statements inside the function, with their plans.
  expect(text).toContain('packages/db/src/functions/tasks/update_task.sql')
  expect(text).toMatch(/select t\.\* +from tw\.tasks t[^]*Index Scan using tasks_pkey on tasks t .*actual time=/)
  expect(text).toMatch(/Update on tasks t .*actual time=/)
  expect(text).toMatch(/OUTCOME, rolled back\nOK$/)
  expect(text).not.toMatch(A_HASH)
  // The mutation id was not recorded.
  expect((await client.tasks.update.mutate(input)).revision).toBe(task.revision + 1)
})

test('a statement that a function runs several times is shown once, with the number of runs', async () => {
  const tasks = Array.from({ length: 20 }, (_, nr) => ({ title: `task ${nr}` }))
  const text = await explain('tasks.createMany', { tasks }, { superuser: admin })
  const totals = [...text.matchAll(/^([\d.]+) ms(?:, run (\d+) times; the slowest took ([\d.]+) ms)?:$/gm)]
  expect(totals.map(([, total]) => Number(total))).toEqual(
    totals.map(([, total]) => Number(total)).toSorted((a, b) => b - a),
  )
  expect(totals.map(([, , times]) => Number(times ?? 1))).toContain(20)
  const statements = totals.map(({ 0: line, index }) => text.slice(index + line.length).split('(cost=')[0])
  expect(new Set(statements).size).toBe(statements.length)
})

test.each([
  ['no superuser', null, 'they need auto_explain, which only a superuser may load'],
  ['a login that is not a superuser', owner, 'auto_explain'],
])('with %s, the explanation of a mutation names what is missing', async (_what, superuser, reason) => {
  const text = await explain('tasks.complete', { ...byId, complete: true }, { superuser })
  expect(text).toMatch(/Function Scan on complete_task .*actual time=/)
  expect(text).toContain(`functions/tasks/complete_task.sql\nNot available: `)
  expect(text).toContain(reason)
  expect(text).toContain('Add --superuser ADDRESS')
})

test('a call that is refused by its statement is explained too', async () => {
  const text = await explain('tasks.get', { id: randomUUID() })
  expect(text).toContain('Index Scan using tasks_pkey')
  expect(text).toMatch(/OUTCOME, rolled back\nNOT_FOUND: .*\n {2}id: does not exist$/)
})

test('a query may run longer than the statement_timeout of the login, a mutation may not', async () => {
  const role = `alter role taskwire_app in database ${service.database.name}`
  await service.admin(`${role} set statement_timeout = '500ms'; ${role} set lock_timeout = '60s'`)
  await using connection = await connectOnce({ address: admin, applicationName: 'taskwire-test' })
  const waiting = `select from pg_stat_activity where datname = current_database()
    and application_name = 'taskwire-admin' and wait_event_type = 'Lock' and query_start < now() - interval '700 ms'`
  let query: Promise<string> | undefined
  await connection.sql.begin(async (sql) => {
    await sql`lock table tw.tasks in access exclusive mode`
    await expect(explain('tasks.update', { ...byId, changes: { title: 'x' } })).rejects.toThrow(
      /tasks\.update could not be explained\. TIMEOUT: .*\n.*statement timeout/,
    )
    query = explain('tasks.get', byId)
    await until(async () => (await service.admin(waiting)).length > 0)
  })
  expect(await query).toMatch(/rolled back\nOK$/)
  await service.admin(`${role} reset all`)
})

test.each([
  ['tasks.lst', '{}', /There is no procedure tasks\.lst\..*tasks\.list/],
  ['task.list', '{}', /There is no procedure task\.list\..*tasks\.list, lists\.list/],
  ['nothing', '{}', /There is no procedure nothing\..*tasks\.create.*me\.get/],
  ['tasks.list', '{limit: 10}', /The input is not JSON: /],
  ['tasks.list', '['.repeat(100), /deep|level|nest/],
  [
    'tasks.list',
    '{"limit": -1, "colour": 1}',
    /tasks\.list refuses this input\. VALIDATION: [^]*\n {2}limit: [^]*\n {2}colour: is not a field/,
  ],
  ['system.health', '{}', /system\.health sends no statement/],
  ['changes.subscribe', '{}', /changes\.subscribe is a stream\..*changes\.list/],
])('%s %s is refused', async (path, input, message) => {
  const before = await allRows()
  await expect(explain(path, input)).rejects.toThrow(message)
  expect(await allRows()).toEqual(before)
})

test('an unknown e-mail address is refused', async () => {
  const call = { path: 'me.get', input: '{}', email: 'nobody@example.com' }
  await expect(explainCall({ app, owner, superuser: null }, call)).rejects.toThrow(
    'There is no account with the e-mail address or external id nobody@example.com.',
  )
})
