import type { Due, TaskFilter, TaskListInput } from '@taskwire/contract'
import { afterAll, expect, test } from 'vitest'
import { startTestService } from '../../testing/service.ts'
import { type Caller, newCaller } from '../../testing/caller.ts'
import { MINUTE, twoDays, localTime, zoneOf } from '../../testing/zones.ts'

const service = await startTestService()
afterAll(async () => await service[Symbol.asyncDispose]())

const LA = 'America/Los_Angeles'

async function titlesOf({ client }: Caller, input: TaskListInput): Promise<string[]> {
  const { items } = await client.tasks.list.query({ sort: { by: 'due', direction: 'asc' }, ...input })
  return items.map(({ title }) => title)
}

async function createWeek(): Promise<Caller> {
  const caller = await newCaller(service)
  const dues: Record<string, Due> = {
    'all Wednesday': { date: '2026-11-25' },
    'Tuesday 20:00': { date: '2026-11-24', time: '20:00', timeZone: LA },
    'all Tuesday': { date: '2026-11-24' },
    'Tuesday 08:00': { date: '2026-11-24', time: '08:00', timeZone: LA },
  }
  const tasks = Object.entries(dues).map(([title, due]) => ({ title, due }))
  await caller.client.tasks.createMany.mutate({ tasks })
  return caller
}

test('an all-day task belongs to its date in every zone', async () => {
  const caller = await createWeek()
  const order = ['all Tuesday', 'Tuesday 08:00', 'Tuesday 20:00', 'all Wednesday']
  expect(await titlesOf(caller, {})).toEqual(order)
  expect(await titlesOf(caller, { sort: { by: 'due', direction: 'desc' } })).toEqual(order.toReversed())
  const at = async (due: TaskFilter['due'], timeZone?: string) => await titlesOf(caller, { filter: { due }, timeZone })
  // The account's time zone is UTC, where Tuesday 20:00 in Los Angeles is on Wednesday.
  expect(await at({ on: '2026-11-24' }, LA)).toEqual(['all Tuesday', 'Tuesday 08:00', 'Tuesday 20:00'])
  expect(await at({ on: '2026-11-24' })).toEqual(['all Tuesday', 'Tuesday 08:00'])
  expect(await at({ on: '2026-11-25' })).toEqual(['Tuesday 20:00', 'all Wednesday'])
  expect(await at({ before: '2026-11-25' }, LA)).toEqual(['all Tuesday', 'Tuesday 08:00', 'Tuesday 20:00'])
  expect(await at({ after: '2026-11-24' }, LA)).toEqual(['all Wednesday'])
  expect(await at({ after: '2026-11-24' })).toEqual(['Tuesday 20:00', 'all Wednesday'])
  // Tuesday 18:00 in Los Angeles: Wednesday in UTC.
  expect(await at({ before: '2026-11-25T02:00:00Z' }, LA)).toEqual(['Tuesday 08:00'])
  expect(await at({ before: '2026-11-25T02:00:00Z' })).toEqual(['all Tuesday', 'Tuesday 08:00'])
  expect(await at({ after: '2026-11-24T18:00:00-08:00' }, LA)).toEqual(['Tuesday 20:00', 'all Wednesday'])
  await caller.client.me.update.mutate({ timeZone: LA })
  expect(await at({ on: '2026-11-24' })).toEqual(['all Tuesday', 'Tuesday 08:00', 'Tuesday 20:00'])
})

test('list, count and bulk find the same tasks due today, in the time zone of the call', async () => {
  const caller = await newCaller(service)
  const { client } = caller
  const { earlier, later, today, tomorrow } = twoDays()
  // Half an hour later is still the same day in both zones.
  await client.tasks.createMany.mutate({
    tasks: [
      { title: 'all day, there', due: { date: today } },
      { title: 'all day, here', due: { date: tomorrow } },
      { title: 'at once', due: { ...localTime(Date.now() + 30 * MINUTE, -12), timeZone: zoneOf(-12) } },
    ],
  })
  const filter = { due: 'today' as const }
  for (const [timeZone, expected] of [
    [earlier, ['all day, there', 'at once']],
    [later, ['all day, here', 'at once']],
  ] as const) {
    expect((await titlesOf(caller, { filter, timeZone })).toSorted()).toEqual(expected.toSorted())
    expect(await client.tasks.count.query({ filter, timeZone })).toMatchObject({ total: 2 })
    const dry = { action: { type: 'delete' as const }, dryRun: true, maxAffected: 9 }
    expect(await client.tasks.bulk.mutate({ filter, timeZone, ...dry })).toMatchObject({ affected: 2 })
    await client.me.update.mutate({ timeZone })
    expect((await titlesOf(caller, { filter })).toSorted()).toEqual(expected.toSorted())
  }
})

/** Returns the cursor as if its first page had been read this many minutes earlier. */
function backdate(cursor: string | null, minutes: number): string {
  const parts = JSON.parse(Buffer.from(cursor ?? '', 'base64url').toString()) as string[]
  const [queryId = '', spaceId = '', now = '', ...others] = parts
  const earlier = new Date(Date.parse(now) - minutes * MINUTE).toISOString()
  return Buffer.from(JSON.stringify([queryId, spaceId, earlier, ...others])).toString('base64url')
}

test('the pages of a list keep the time zone and the time of the first page', async () => {
  const { client } = await newCaller(service)
  const { earlier, later, today } = twoDays()
  await client.me.update.mutate({ timeZone: earlier })
  const due = { date: today }
  await client.tasks.createMany.mutate({ tasks: ['a', 'b', 'c'].map((title) => ({ title, due })) })
  const input = { filter: { due: 'today' as const }, sort: { by: 'title', direction: 'asc' } as const, limit: 1 }
  const first = await client.tasks.list.query(input)
  expect(first.items).toMatchObject([{ title: 'a' }])
  // Moves the account to a zone where it is tomorrow.
  await client.me.update.mutate({ timeZone: later })
  expect((await client.tasks.list.query(input)).items).toEqual([])
  const second = await client.tasks.list.query({ ...input, cursor: first.nextCursor ?? '' })
  expect(second.items).toMatchObject([{ title: 'b' }])
  const third = await client.tasks.list.query({ ...input, cursor: second.nextCursor ?? '' })
  expect(third).toMatchObject({ items: [{ title: 'c' }], nextCursor: null })
  const yesterday = await client.tasks.list.query({ ...input, cursor: backdate(second.nextCursor, 24 * 60) })
  expect(yesterday.items).toEqual([])
})

test('overdue means overdue at the time of the first page, on every page', async () => {
  const { client } = await newCaller(service)
  const now = Date.now()
  const due = (minutes: number): Due => ({ ...localTime(now + minutes * MINUTE, 0), timeZone: 'UTC' })
  await client.tasks.createMany.mutate({
    tasks: [-60, -50, -2].map((minutes) => ({ title: String(minutes), due: due(minutes) })),
  })
  const input = { filter: { due: 'overdue' as const }, sort: { by: 'due', direction: 'asc' } as const, limit: 1 }
  const { nextCursor } = await client.tasks.list.query(input)
  const rest = async (cursor: string | null) =>
    (await client.tasks.list.query({ ...input, limit: 9, cursor: cursor ?? '' })).items.map(({ title }) => title)
  expect(await rest(nextCursor)).toEqual(['-50', '-2'])
  expect(await rest(backdate(nextCursor, 20))).toEqual(['-50'])
})
