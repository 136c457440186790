import type { Due } from '@taskwire/contract/fields'
import type { Task } from '@taskwire/contract/task'
import type { TaskFilter } from '@taskwire/contract/task-filter'
import { expect, test } from 'vitest'
import { taskOf } from '../../testing/task-of.ts'
import { dueAtOf } from './due-at.ts'
import { matcher } from './matcher.ts'

const LIST = '0193a1b2-0000-7000-8000-00000000abcd'
const CLOCK = { now: new Date('2026-11-22T09:30:00.000Z'), timeZone: 'UTC' }

const matches = (fields: Partial<Task>, filter: TaskFilter, clock = CLOCK): boolean =>
  matcher(filter, clock)(taskOf(fields))

test('an empty filter leaves out the trash only', () => {
  const deleted = { deletedAt: '2026-11-22T09:30:00.000Z' }
  expect(matches({ complete: true, listId: LIST }, {})).toBe(true)
  expect(matches(deleted, {})).toBe(false)
  expect([matches({}, { trash: 'only' }), matches(deleted, { trash: 'only' })]).toEqual([false, true])
  expect([matches({}, { trash: 'with' }), matches(deleted, { trash: 'with' })]).toEqual([true, true])
})

test('a list may be written in upper case, and null is the inbox', () => {
  expect(matches({ listId: LIST }, { listId: LIST.toUpperCase() })).toBe(true)
  expect(matches({ listId: null }, { listId: LIST })).toBe(false)
  expect(matches({ listId: null }, { listId: null })).toBe(true)
  expect(matches({ listId: LIST }, { listId: null })).toBe(false)
  expect(matches({ listId: null }, { listId: [LIST.toUpperCase(), null] })).toBe(true)
  expect(matches({ listId: LIST }, { listId: [LIST.toUpperCase(), null] })).toBe(true)
})

test('tags ignore case, also where a filter names a tag twice', () => {
  const tags = ['Home', 'École']
  expect(matches({ tags }, { tags: { all: [' home ', 'HOME', 'e\u0301cole'] } })).toBe(true)
  expect(matches({ tags }, { tags: { all: ['home', 'work'] } })).toBe(false)
  expect(matches({ tags }, { tags: { any: ['work', 'ÉCOLE'] } })).toBe(true)
  expect(matches({ tags }, { tags: { any: ['work'] } })).toBe(false)
})

const isDue = (due: Due | null, filter: TaskFilter['due'], clock = CLOCK): boolean =>
  matches({ due, dueAt: dueAtOf(due) }, { due: filter }, clock)

test('an all-day due is compared by its date, in every zone', () => {
  const due = { date: '2026-11-22' }
  for (const timeZone of ['Etc/GMT+12', 'Pacific/Kiritimati']) {
    expect(isDue(due, { on: '2026-11-22' }, { ...CLOCK, timeZone })).toBe(true)
    expect(isDue(due, { after: '2026-11-22' }, { ...CLOCK, timeZone })).toBe(false)
    expect(isDue(due, { before: '2026-11-23' }, { ...CLOCK, timeZone })).toBe(true)
  }
  // The instant is on the 22nd in UTC, and on the 23rd in Tokyo.
  const bound = { before: '2026-11-22T16:00:00Z' }
  expect(isDue(due, bound)).toBe(false)
  expect(isDue(due, bound, { ...CLOCK, timeZone: 'Asia/Tokyo' })).toBe(true)
})

test('a due with a time is compared by the date that it has in the zone of the clock', () => {
  // 23:30 on the 21st in UTC.
  const due = { date: '2026-11-22', time: '08:30', timeZone: 'Asia/Tokyo' }
  expect(isDue(due, { on: '2026-11-21' })).toBe(true)
  expect(isDue(due, { on: '2026-11-22' })).toBe(false)
  expect(isDue(due, { on: '2026-11-22' }, { ...CLOCK, timeZone: 'Europe/Berlin' })).toBe(true)
  expect(isDue(due, { after: '2026-11-20', before: '2026-11-22' })).toBe(true)
  expect(isDue(due, { before: '2026-11-21' })).toBe(false)
})

test('a date is converted where a zone has it twice, and at the end of the calendar', () => {
  // At 00:01 on November 7, 2010, the clocks of St. John's went back to 23:01 on the 6th.
  const timeZone = 'America/St_Johns'
  const dates = ['02:30', '02:31', '03:30', '03:31'].map((time) => ({ date: '2010-11-07', time, timeZone: 'UTC' }))
  const on = dates.map((due) => isDue(due, { on: '2010-11-07' }, { ...CLOCK, timeZone }))
  expect(on).toEqual([true, false, true, true])
  const last = { date: '9999-12-29', time: '23:59', timeZone: 'Etc/GMT+12' }
  expect(isDue(last, { before: '9999-12-31' })).toBe(true)
  expect(isDue({ date: '9999-12-31' }, { before: '9999-12-31T23:59:59Z' }, { ...CLOCK, timeZone: 'Asia/Tokyo' })).toBe(
    true,
  )
  expect(isDue({ date: '0001-01-01' }, { after: '0001-01-01T00:00:00Z' }, { ...CLOCK, timeZone: 'Etc/GMT+12' })).toBe(
    true,
  )
})

test('an instant may have any offset, and is truncated to milliseconds', () => {
  const due = { date: '2026-11-22', time: '10:30', timeZone: 'Europe/Berlin' }
  expect(isDue(due, { before: '2026-11-22T15:15:00.0009999999999+05:45' })).toBe(false)
  expect(isDue(due, { before: '2026-11-22T15:15:00.001+05:45' })).toBe(true)
  expect(isDue(due, { after: '2026-11-22T04:29:59.999999-05:00' })).toBe(true)
  expect(() => isDue(due, { before: '2026-11-22T25:00:00Z' })).toThrow(RangeError)
})

test('overdue is before now, or for an all-day due before today in the zone', () => {
  const timed = { date: '2026-11-22', time: '09:30', timeZone: 'UTC' }
  expect(isDue(timed, 'overdue')).toBe(false)
  expect(isDue(timed, 'overdue', { ...CLOCK, now: new Date('2026-11-22T09:30:00.001Z') })).toBe(true)
  const today = { date: '2026-11-22' }
  expect(isDue(today, 'overdue')).toBe(false)
  expect(isDue(today, 'overdue', { ...CLOCK, timeZone: 'Etc/GMT-14' })).toBe(false)
  expect(isDue(today, 'overdue', { timeZone: 'Etc/GMT-14', now: new Date('2026-11-22T10:00:00Z') })).toBe(true)
  expect(matches({ due: today, complete: true }, { due: 'overdue', trash: 'with' })).toBe(false)
})

test('today is the date in the zone, and none is no due', () => {
  expect(isDue({ date: '2026-11-22' }, 'today')).toBe(true)
  expect(isDue({ date: '2026-11-21' }, 'today', { ...CLOCK, timeZone: 'Etc/GMT+12' })).toBe(true)
  expect(isDue(null, 'today')).toBe(false)
  expect([isDue(null, 'none'), isDue({ date: '2026-11-22' }, 'none')]).toEqual([true, false])
  expect(isDue(null, { before: '9999-12-31' })).toBe(false)
})
