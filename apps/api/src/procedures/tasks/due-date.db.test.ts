import type { Due } from '@taskwire/contract'
import { afterAll, expect, test } from 'vitest'
import { startTestService } from '../../testing/service.ts'
import { changesAfter, headOf, newCaller, refused } from '../../testing/caller.ts'

const service = await startTestService()
afterAll(async () => await service[Symbol.asyncDispose]())

const BERLIN = { time: '09:30', timeZone: 'Europe/Berlin' }
const timed: Due = { date: '2026-07-01', ...BERLIN }

test('dueDate changes the date of a due, and keeps its time and time zone', async () => {
  const caller = await newCaller(service)
  const { client } = caller
  const { id } = await client.tasks.create.mutate({ title: 'x', due: timed })
  // In December the zone has another offset, so dueAt moves by an hour.
  const moved = await client.tasks.update.mutate({ id, changes: { dueDate: '2026-12-01' } })
  expect(moved).toMatchObject({ due: { date: '2026-12-01', ...BERLIN }, dueAt: '2026-12-01T08:30:00.000Z' })
  const [change] = await changesAfter(caller, 1)
  expect(change).toMatchObject({
    action: 'update',
    before: { due: timed, dueAt: '2026-07-01T07:30:00.000Z' },
    after: { due: { date: '2026-12-01', ...BERLIN }, dueAt: '2026-12-01T08:30:00.000Z' },
  })
  await client.changes.revert.mutate({ revision: moved.revision })
  expect(await client.tasks.get.query({ id })).toMatchObject({ due: timed, dueAt: '2026-07-01T07:30:00.000Z' })
  const head = await headOf(caller)
  await client.tasks.update.mutate({ id, changes: { dueDate: timed.date } })
  expect(await headOf(caller)).toBe(head)
})

test('a time that the clocks skip on the new date moves dueAt by the gap, and the time itself is kept', async () => {
  const { client } = await newCaller(service)
  const due = { date: '2026-03-28', time: '02:30', timeZone: 'Europe/Berlin' }
  const { id } = await client.tasks.create.mutate({ title: 'x', due })
  const skipped = await client.tasks.update.mutate({ id, changes: { dueDate: '2026-03-29' } })
  expect(skipped).toMatchObject({ due: { ...due, date: '2026-03-29' }, dueAt: '2026-03-29T01:30:00.000Z' })
  expect(await client.tasks.update.mutate({ id, changes: { dueDate: due.date } })).toMatchObject({
    due,
    dueAt: '2026-03-28T01:30:00.000Z',
  })
})

test('dueDate makes an all-day due unless the task has a time', async () => {
  const { client } = await newCaller(service)
  for (const due of [null, { date: '2026-07-01' }]) {
    const { id } = await client.tasks.create.mutate({ title: 'x', due })
    const moved = await client.tasks.update.mutate({ id, changes: { dueDate: '2026-07-02', title: 'y' } })
    expect(moved).toMatchObject({ title: 'y', due: { date: '2026-07-02' }, dueAt: null })
  }
  const { id } = await client.tasks.create.mutate({ title: 'x', due: timed })
  const allDay = await client.tasks.update.mutate({ id, changes: { due: { date: '2026-07-02' } } })
  expect(allDay).toMatchObject({ due: { date: '2026-07-02' }, dueAt: null })
})

test('dueDate in a bulk call keeps the time of each task', async () => {
  const { client } = await newCaller(service)
  const tokyo: Due = { date: '2026-07-05', time: '23:00', timeZone: 'Asia/Tokyo' }
  const dues = [timed, tokyo, { date: '2026-07-01' }, null]
  const { tasks } = await client.tasks.createMany.mutate({ tasks: dues.map((due) => ({ title: 'x', due })) })
  const ids = tasks.map(({ id }) => id)
  const { affected, tasks: moved } = await client.tasks.bulk.mutate({
    ids,
    action: { type: 'update', changes: { dueDate: '2026-07-01' } },
  })
  expect(affected).toBe(2)
  expect(moved.map(({ due, dueAt }) => ({ due, dueAt }))).toEqual([
    { due: { ...tokyo, date: '2026-07-01' }, dueAt: '2026-07-01T14:00:00.000Z' },
    { due: { date: '2026-07-01' }, dueAt: null },
  ])
})

test('dueDate is refused together with due, and outside of the calendar', async () => {
  const caller = await newCaller(service)
  const { client } = caller
  const { id } = await client.tasks.create.mutate({ title: 'x', due: timed })
  const cases: [object, string][] = [
    [{ due: null, dueDate: '2026-07-01' }, 'changes.dueDate'],
    [{ due: timed, dueDate: '2026-07-01' }, 'changes.dueDate'],
    [{ dueDate: null }, 'changes.dueDate'],
    [{ dueDate: '2026-02-30' }, 'changes.dueDate'],
    [{ dueDate: '0001-01-02' }, 'changes.dueDate'],
    [{ dueDate: '9999-12-30' }, 'changes.dueDate'],
  ]
  for (const [changes, path] of cases) {
    const { error } = await caller.call('tasks.update', { id, changes })
    expect(error?.data.fields?.map((field) => field.path)).toEqual([path])
    const bulk = await caller.call('tasks.bulk', { ids: [id], action: { type: 'update', changes } })
    expect(bulk.error?.data.fields?.map((field) => field.path)).toEqual([`action.${path}`])
  }
  for (const dueDate of ['0001-01-03', '9999-12-29'])
    expect(await client.tasks.update.mutate({ id, changes: { dueDate } })).toMatchObject({ due: { date: dueDate } })
  // tasks.create does not take dueDate.
  expect(
    await refused(client.tasks.create.mutate({ title: 'x', dueDate: '2026-07-01' } as { title: string })),
  ).toMatchObject({
    fields: [{ path: 'dueDate' }],
  })
})
