import type { Due, TaskFilter, TaskListInput } from '@taskwire/contract'
import { afterAll, expect, test } from 'vitest'
import { startTestService } from '../../testing/service.ts'
import { type Caller, newCaller } from '../../testing/caller.ts'
import { MINUTE, twoDays, wall, zoneOf } from '../../testing/zones.ts'

const service = await startTestService()
afterAll(async () => await service[Symbol.asyncDispose]())

const LA = 'America/Los_Angeles'

async function titles({ client }: Caller, input: TaskListInput): Promise<string[]> {
  const { items } = await client.tasks.list.query({ sort: { by: 'due', direction: 'asc' }, ...input })
  return items.map(({ title }) => title)
}

async function week(): Promise<Caller> {
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
  const caller = await week()
  const order = ['all Tuesday', 'Tuesday 08:00', 'Tuesday 20:00', 'all Wednesday']
  expect(await titles(caller, {})).toEqual(order)
  expect(await titles(caller, { sort: { by: 'due', direction: 'desc' } })).toEqual(order.toReversed())
  const at = async (due: TaskFilter['due'], timeZone?: string) => await titles(caller, { filter: { due }, timeZone })
  // The account's zone is UTC, where Tuesday 20:00 of Los Angeles is on Wednesday.
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

test('list, count and bulk say the same of today, in the zone of the call', async () => {
  const caller = await newCaller(service)
  const { client } = caller
  const { earlier, later, today, tomorrow } = twoDays()
  // In half an hour it is the same day still in both.
  await client.tasks.createMany.mutate({
    tasks: [
      { title: 'all day, there', due: { date: today } },
      { title: 'all day, here', due: { date: tomorrow } },
      { title: 'at once', due: { ...wall(Date.now() + 30 * MINUTE, -12), timeZone: zoneOf(-12) } },
    ],
  })
  const filter = { due: 'today' as const }
  for (const [timeZone, expected] of [
    [earlier, ['all day, there', 'at once']],
    [later, ['all day, here', 'at once']],
  ] as const) {
    expect((await titles(caller, { filter, timeZone })).toSorted()).toEqual(expected.toSorted())
    expect(await client.tasks.count.query({ filter, timeZone })).toMatchObject({ total: 2 })
    const dry = { action: { type: 'delete' as const }, dryRun: true, maxAffected: 9 }
    expect(await client.tasks.bulk.mutate({ filter, timeZone, ...dry })).toMatchObject({ affected: 2 })
    await client.me.update.mutate({ timeZone })
    expect((await titles(caller, { filter })).toSorted()).toEqual(expected.toSorted())
  }
})

/** A cursor as if its walk had begun so many minutes earlier. */
function since(cursor: string | null, minutes: number): string {
  const parts = JSON.parse(Buffer.from(cursor ?? '', 'base64url').toString()) as string[]
  const [question = '', user = '', now = '', ...others] = parts
  const earlier = new Date(Date.parse(now) - minutes * MINUTE).toISOString()
  return Buffer.from(JSON.stringify([question, user, earlier, ...others])).toString('base64url')
}

test('a walk through pages keeps the zone and the time of its first page', async () => {
  const { client } = await newCaller(service)
  const { earlier, later, today } = twoDays()
  await client.me.update.mutate({ timeZone: earlier })
  const due = { date: today }
  await client.tasks.createMany.mutate({ tasks: ['a', 'b', 'c'].map((title) => ({ title, due })) })
  const input = { filter: { due: 'today' as const }, sort: { by: 'title', direction: 'asc' } as const, limit: 1 }
  const first = await client.tasks.list.query(input)
  expect(first.items).toMatchObject([{ title: 'a' }])
  // Where it is tomorrow already.
  await client.me.update.mutate({ timeZone: later })
  expect((await client.tasks.list.query(input)).items).toEqual([])
  const second = await client.tasks.list.query({ ...input, cursor: first.nextCursor ?? '' })
  expect(second.items).toMatchObject([{ title: 'b' }])
  const third = await client.tasks.list.query({ ...input, cursor: second.nextCursor ?? '' })
  expect(third).toMatchObject({ items: [{ title: 'c' }], nextCursor: null })
  const yesterday = await client.tasks.list.query({ ...input, cursor: since(second.nextCursor, 24 * 60) })
  expect(yesterday.items).toEqual([])
})

test('what is overdue on the first page is so on the others, and what comes due meanwhile is not', async () => {
  const { client } = await newCaller(service)
  const now = Date.now()
  const due = (minutes: number): Due => ({ ...wall(now + minutes * MINUTE, 0), timeZone: 'UTC' })
  await client.tasks.createMany.mutate({
    tasks: [-60, -50, -2].map((minutes) => ({ title: String(minutes), due: due(minutes) })),
  })
  const input = { filter: { due: 'overdue' as const }, sort: { by: 'due', direction: 'asc' } as const, limit: 1 }
  const { nextCursor } = await client.tasks.list.query(input)
  const rest = async (cursor: string | null) =>
    (await client.tasks.list.query({ ...input, limit: 9, cursor: cursor ?? '' })).items.map(({ title }) => title)
  expect(await rest(nextCursor)).toEqual(['-50', '-2'])
  expect(await rest(since(nextCursor, 20))).toEqual(['-50'])
})
