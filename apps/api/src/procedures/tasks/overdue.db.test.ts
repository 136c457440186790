import type { Due } from '@taskwire/contract'
import { afterAll, expect, test } from 'vitest'
import { startTestService } from '../../testing/service.ts'
import { newCaller, refused } from '../../testing/caller.ts'
import { MINUTE, twoDays, localTime, zoneOf } from '../../testing/zones.ts'

const service = await startTestService()
afterAll(async () => await service[Symbol.asyncDispose]())

test("an all-day task is overdue when its day is over in the account's time zone, or in timeZone", async () => {
  const { client } = await newCaller(service)
  const { earlier, later, today } = twoDays()
  const { id } = await client.tasks.create.mutate({ title: 'all day', due: { date: today } })
  const filter = { due: 'overdue' as const }
  const overdue = async (timeZone?: string): Promise<boolean> => {
    const { items } = await client.tasks.list.query({ filter, timeZone })
    const counts = [
      (await client.tasks.count.query({ timeZone })).overdue,
      (await client.tasks.count.query({ filter, timeZone })).total,
      (await client.tasks.bulk.mutate({ filter, timeZone, action: { type: 'delete' }, dryRun: true, maxAffected: 9 }))
        .affected,
    ]
    expect(counts).toEqual([items.length, items.length, items.length])
    return items.some((task) => task.id === id)
  }
  expect(await overdue(earlier)).toBe(false)
  expect(await overdue(later)).toBe(true)
  for (const [timeZone, expected] of [
    [earlier, false],
    [later, true],
  ] as const) {
    await client.me.update.mutate({ timeZone })
    expect(await overdue()).toBe(expected)
    expect(await overdue(earlier)).toBe(false)
    expect(await overdue(later)).toBe(true)
  }
})

test('a task with a due time is overdue after that instant, in any time zone of the call', async () => {
  const { client } = await newCaller(service)
  const now = Date.now()
  const due = (minutes: number, ahead: number): Due => ({
    ...localTime(now + minutes * MINUTE, ahead),
    timeZone: zoneOf(ahead),
  })
  const drafts = [-12, -5, 0, 9, 14].flatMap((ahead) => [
    { title: 'past', due: due(-2, ahead) },
    { title: 'to come', due: due(30, ahead) },
  ])
  await client.tasks.createMany.mutate({ tasks: drafts })
  for (const timeZone of [undefined, zoneOf(-12), zoneOf(14)]) {
    const { items } = await client.tasks.list.query({ filter: { due: 'overdue' }, timeZone })
    expect(items.map(({ title }) => title)).toEqual(['past', 'past', 'past', 'past', 'past'])
  }
})

test('a task that is complete, in the trash or without a due is never overdue', async () => {
  const { client } = await newCaller(service)
  const past = { date: '2020-01-01' }
  const { tasks } = await client.tasks.createMany.mutate({
    tasks: [
      { title: 'overdue', due: past },
      { title: 'done', due: past, complete: true },
      { title: 'in the trash', due: past },
      { title: 'undated' },
    ],
  })
  await client.tasks.delete.mutate({ id: tasks[2]?.id ?? '' })
  for (const trash of ['with', 'without', 'only'] as const) {
    const { items } = await client.tasks.list.query({ filter: { due: 'overdue', trash } })
    expect(items.map(({ title }) => title)).toEqual(trash === 'only' ? [] : ['overdue'])
  }
  expect(await client.tasks.count.query({ filter: { trash: 'with' } })).toEqual({
    total: 4,
    open: 3,
    complete: 1,
    overdue: 1,
  })
})

test('an unknown time zone is refused', async () => {
  const { client } = await newCaller(service)
  for (const timeZone of ['Mars/Base', '', '+01:00', "UTC'--", 'Europe/Berlin ']) {
    const calls = [
      client.tasks.list.query({ timeZone }),
      client.tasks.count.query({ timeZone }),
      client.tasks.bulk.mutate({ filter: { due: 'overdue' }, timeZone, action: { type: 'delete' }, maxAffected: 1 }),
    ]
    for (const call of calls) expect((await refused(call)).fields?.map(({ path }) => path)).toEqual(['timeZone'])
  }
})
