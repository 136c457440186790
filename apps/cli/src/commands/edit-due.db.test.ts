import { startTestService } from '@taskwire/api/testing'
import type { Due, Task } from '@taskwire/client'
import { afterAll, expect, test } from 'vitest'
import { EXIT } from '../exit.ts'
import { openAccount, type TestAccount } from '../testing/account.ts'

const service = await startTestService()
afterAll(async () => await service[Symbol.asyncDispose]())
const account = async () => await openAccount(service)

const make = async ({ client }: TestAccount, due: Due | null): Promise<Task> =>
  await client.tasks.create.mutate({ title: 'Call', due })
const edit = async (user: TestAccount, { id }: Task, ...args: string[]): Promise<Due | null> =>
  (await user.json<Task>('edit', id, ...args)).due

const EVENING = { date: '2026-11-22', time: '18:00', timeZone: 'Asia/Tokyo' }

test('a date alone keeps the time and zone of the task', async () => {
  await using user = await account()
  expect(await edit(user, await make(user, EVENING), '--due', '2027-01-31')).toEqual({ ...EVENING, date: '2027-01-31' })
  expect(await edit(user, await make(user, { date: '2026-11-22' }), '--due', '2027-01-31')).toEqual({
    date: '2027-01-31',
  })
  expect(await edit(user, await make(user, null), '--due', '2027-01-31')).toEqual({ date: '2027-01-31' })
})

test('a date with a time is in the account’s time zone', async () => {
  await using user = await account()
  const due = { date: '2027-01-31', time: '09:00', timeZone: 'UTC' }
  expect(await edit(user, await make(user, EVENING), '--due', '2027-01-31 09:00')).toEqual(due)
})

test('--all-day drops the time, with or without a new date', async () => {
  await using user = await account()
  expect(await edit(user, await make(user, EVENING), '--due', '2027-01-31', '--all-day')).toEqual({
    date: '2027-01-31',
  })
  expect(await edit(user, await make(user, EVENING), '--all-day')).toEqual({ date: '2026-11-22' })
})

test.each([
  [['--due', 'today 18:00', '--all-day'], 'leave out the time, or --all-day'],
  [['--all-day'], 'the task has no due date. Add --due'],
  [['--all-day', '--clear-due'], 'cannot be used with'],
])('%j is wrong usage: %s', async (args, message) => {
  await using user = await account()
  const { code, err } = await user.call('edit', (await make(user, null)).id, ...args)
  expect(code).toBe(EXIT.usage)
  expect(err).toContain(message)
})

test('the output names the new due date', async () => {
  await using user = await account()
  const task = await make(user, EVENING)
  const end = task.id.slice(-8)
  expect((await user.call('edit', end, '--due', '2027-01-31')).out).toBe(
    `Changed ${end} Call, due 2027-01-31 18:00 Asia/Tokyo\n`,
  )
  expect((await user.call('edit', end, '--title', 'Call back')).out).toBe(`Changed ${end} Call back\n`)
})
