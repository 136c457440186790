import { randomUUID } from 'node:crypto'
import { afterAll, describe, expect, test } from 'vitest'
import { connectOnce } from './connection/connect.ts'
import { createTestDatabase } from './testing/index.ts'
import { connectLogins } from './testing/logins.ts'
import { plansOf } from './testing/plans.ts'
import { MUTATION } from './testing/placing.ts'

const logins = await connectLogins()
const { database, admin } = logins
afterAll(() => logins[Symbol.asyncDispose]())

describe('under row-level security', () => {
  // Without the position index, restoring a list of nine thousand tasks read the whole list for each of them.
  test('returning a task to a list uses the position index, without statistics', async () => {
    await using own = await createTestDatabase()
    await using connection = await connectOnce({ address: own.admin, applicationName: 'test' })
    const user = randomUUID()
    const list = randomUUID()
    await connection.sql`alter table tw.tasks set (autovacuum_enabled = false)`
    await connection.sql`insert into auth.users (id, name, email) values (${user}, 'Somebody', 'somebody@example.com')`
    await connection.sql`insert into tw.tasks (space_id, id, title, position, revision, created_at, updated_at)
      select ${user}, gen_random_uuid(), 'Task', tw.position_text(2147483648 + i), 1, now(), now() from generate_series(1, 9500) i`
    // Gives every task a new position, as moves do.
    await connection.sql`update tw.tasks set position = position || '8'`
    const plans = await plansOf(
      own,
      { user },
      `select * from tw.free_positions('${user}', array['${randomUUID()}']::uuid[], array['${list}']::uuid[], array['80002000'])`,
    )
    expect(plans.match(/ Scan.* on (tw\.)?tasks/g)).toHaveLength(1)
    expect(plans).toMatch(/using tasks_position_key on tasks.*\n *Index Cond: .*CASE WHEN/)
  })

  // With an expression that is not leakproof, and so no index condition, placing a task in a list of fifty thousand
  // took 130 ms.
  test.each(['force_custom_plan', 'force_generic_plan'])(
    'placing a task uses the position index, with %s',
    async (mode) => {
      const user = randomUUID()
      await admin`insert into auth.users (id, name, email) values (${user}, 'Somebody', ${`${user}@example.com`})`
      await admin`insert into tw.tasks (space_id, id, title, position, revision, created_at, updated_at)
      select ${user}, gen_random_uuid(), 'Task', tw.position_text(2147483648 + i), 1, now(), now() from generate_series(1, 20000) i`
      await admin`vacuum analyze tw.tasks`
      const [some] = await admin<
        { id: string }[]
      >`select id from tw.tasks where space_id = ${user} and position = '80002000'`
      const nobody = randomUUID()
      const plans = await plansOf(
        database,
        { user, mode },
        `select tw.last_task(tw.space(), null, '${nobody}')`,
        `select tw.last_position(tw.space(), null)`,
        `select tw.place_tasks(tw.space(), '${MUTATION}', null, null, '${nobody}', 1, 500)`,
        `select tw.place_tasks(tw.space(), '${MUTATION}', null, '${some?.id ?? ''}', '${nobody}', 3, 500)`,
        `select * from tw.free_positions('${user}', array['${randomUUID()}', '${randomUUID()}']::uuid[], array['${user}', '${user}']::uuid[], array['80002000', '80002001'])`,
        `select id from tw.tasks t where t.space_id = tw.space() and t.deleted_at is null
        and (t.due_date, case when t.due_at is null then '-infinity' else t.due_at end, t.id) > ('2026-01-01', '-infinity', '${user}')
        order by t.due_date, case when t.due_at is null then '-infinity' else t.due_at end, t.id limit 50`,
      )
      const lines = plans.split('\n')
      const scans = lines.filter((line) => / Scan.* on (tw\.)?tasks/.test(line))
      expect(scans.length).toBeGreaterThanOrEqual(7)
      expect(scans.filter((line) => !/Index (Only )?Scan/.test(line))).toEqual([])
      const conditions = lines.filter((_, i) => /using tasks_(position_key|due_idx)/.test(lines[i - 1] ?? ''))
      expect(conditions.length).toBeGreaterThanOrEqual(6)
      expect(conditions.filter((line) => !/Index Cond: .*CASE WHEN/.test(line))).toEqual([])
      expect(lines.filter((line) => /Filter: .*"position" >/.test(line))).toEqual([])
    },
  )
})
