import type { Task } from '@taskwire/contract'
import { failureOf } from '@taskwire/client'
import { connectOnce } from '@taskwire/db'
import { afterAll, expect, test } from 'vitest'
import { startTestService, until } from '../../testing/service.ts'
import { callerOf, changesAfter, headOf, newCaller } from '../../testing/caller.ts'
import { checkCommits, emptyMirror, follow } from '../../testing/mirror.ts'

const service = await startTestService()
const secondInstance = await startTestService({ database: service.database })
afterAll(async () => {
  await secondInstance[Symbol.asyncDispose]()
  await service[Symbol.asyncDispose]()
})

test('16 concurrent editors with expectedRevision lose no edit: each conflict returns the current task', async () => {
  const owner = await newCaller(service)
  const { id } = await owner.client.tasks.create.mutate({ title: '0', description: '' })
  const editors = Array.from({ length: 16 }, (_, nr) => callerOf(nr % 2 === 0 ? service : secondInstance, owner.user))
  let acknowledged = 0
  let conflicts = 0
  await Promise.all(
    editors.map(async ({ client }, nr) => {
      let seen: Task = await client.tasks.get.query({ id })
      for (let edits = 0; edits < 3;) {
        const title = `${Number(seen.title) + 1}`
        try {
          const changes = { title, description: `by ${nr}` }
          const changed = await client.tasks.update.mutate({ id, changes, expectedRevision: seen.revision })
          expect(changed).toMatchObject({ ...changes, revision: seen.revision + 1 })
          seen = changed
          edits++
          acknowledged++
        } catch (error) {
          const failure = failureOf(error)
          if (failure.appCode !== 'REVISION_CONFLICT') throw error
          const current = failure.current as Task
          expect(current.revision).toBeGreaterThan(seen.revision)
          expect(Number(current.title)).toBe(current.revision - 1)
          seen = current
          conflicts++
        }
      }
    }),
  )
  expect(acknowledged).toBe(48)
  expect(conflicts).toBeGreaterThan(0)
  const task = await owner.client.tasks.get.query({ id })
  expect(task).toMatchObject({ title: '48', revision: 49 })
  expect(await headOf(owner)).toBe(49)
})

test('under concurrent mutations the log has no gaps, and applying it yields the rows', async () => {
  const owner = await newCaller(service)
  const callers = [owner, callerOf(secondInstance, owner.user)]
  const { tasks } = await owner.client.tasks.createMany.mutate({
    tasks: Array.from({ length: 12 }, (_, nr) => ({ title: `${nr}` })),
  })
  const ids = tasks.map((task) => task.id)
  const first = ids[0] ?? ''
  await Promise.all(
    callers.flatMap(({ client }, nr) =>
      ids.slice(2).map(async (id, at) => {
        await client.tasks.update.mutate({ id, changes: { title: `by ${nr}` } })
        await client.tasks.move.mutate({ id, after: at % 2 === 0 ? first : null })
        await client.tasks.create.mutate({ title: 'new', after: first })
        await client.tasks.bulk.mutate({
          ids: ids.slice(1, 4),
          action: { type: 'update', changes: { complete: nr === 0 } },
        })
      }),
    ),
  )
  const changes = await changesAfter(owner, 0)
  const mirror = emptyMirror()
  for (const change of changes) follow(mirror, change)
  checkCommits(changes)
  const { items, revision } = await owner.client.tasks.list.query({ limit: 100 })
  expect(items).toHaveLength(32)
  for (const task of items) expect(mirror.rows.get(task.id)).toEqual(task)
  expect(mirror.rows.size).toBe(32)
  expect(new Set(items.map(({ position }) => position)).size).toBe(32)
  expect(mirror.revision).toBe(revision)
})

test('a mutation that waits for the lock of its space takes its time after the wait', async () => {
  const { client, user } = await newCaller(service)
  await using admin = await connectOnce({ address: service.database.admin, applicationName: 'taskwire-test' })
  const { task, unlocked } = await admin.sql.begin(async (sql) => {
    await sql`select from tw.spaces where id = ${user.id} for update`
    const task = client.tasks.create.mutate({ title: 'x' })
    await until(async () => {
      const waiting = await service.admin(`select from pg_stat_activity
        where datname = current_database() and usename = 'taskwire_app' and wait_event_type = 'Lock'`)
      return waiting.length > 0
    })
    const [now] = await sql<{ at: Date }[]>`select clock_timestamp() as at`
    return { task, unlocked: Number(now?.at) }
  })
  expect(Date.parse((await task).createdAt)).toBeGreaterThanOrEqual(unlocked)
})
