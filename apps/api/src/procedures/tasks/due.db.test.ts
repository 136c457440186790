import type { Due } from '@taskwire/contract'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { startTestService } from '../../testing/service.ts'
import { changesAfter, headOf, newCaller } from '../../testing/caller.ts'
import { holds } from '../../testing/property.ts'

const service = await startTestService()
afterAll(async () => await service[Symbol.asyncDispose]())

const at = (date: string, time: string, timeZone: string): Due & { time: string } => ({ date, time, timeZone })

test('a timed due has its instant, and an all-day date has none', async () => {
  const { client } = await newCaller(service)
  const cases: [Due, string | null][] = [
    [{ date: '2026-07-01' }, null],
    [{ date: '0001-01-01' }, null],
    [{ date: '9999-12-31' }, null],
    [{ date: '2024-02-29' }, null],
    [at('2026-07-01', '00:00', 'UTC'), '2026-07-01T00:00:00.000Z'],
    [at('2026-07-01', '23:59', 'Europe/Berlin'), '2026-07-01T21:59:00.000Z'],
    [at('2026-01-01', '12:00', 'Asia/Kathmandu'), '2026-01-01T06:15:00.000Z'],
    [at('2026-01-01', '12:00', 'Pacific/Kiritimati'), '2025-12-31T22:00:00.000Z'],
    [at('2026-01-01', '12:00', 'Etc/GMT+12'), '2026-01-02T00:00:00.000Z'],
    // Skipped: forward by the gap.
    [at('2026-03-29', '02:30', 'Europe/Berlin'), '2026-03-29T01:30:00.000Z'],
    [at('2026-03-08', '02:00', 'America/New_York'), '2026-03-08T07:00:00.000Z'],
    [at('2026-10-04', '02:15', 'Australia/Lord_Howe'), '2026-10-03T15:45:00.000Z'],
    [at('2011-12-30', '10:00', 'Pacific/Apia'), '2011-12-30T20:00:00.000Z'],
    // Repeated: the first.
    [at('2026-10-25', '02:30', 'Europe/Berlin'), '2026-10-25T00:30:00.000Z'],
    [at('2026-11-01', '01:00', 'America/New_York'), '2026-11-01T05:00:00.000Z'],
    [at('2026-04-05', '01:45', 'Australia/Lord_Howe'), '2026-04-04T14:45:00.000Z'],
    // Whose names PostgreSQL takes for abbreviations.
    [at('2026-07-01', '12:00', 'CET'), '2026-07-01T10:00:00.000Z'],
    [at('2026-07-01', '12:00', 'met'), '2026-07-01T10:00:00.000Z'],
    [at('2026-07-01', '12:00', 'EET'), '2026-07-01T09:00:00.000Z'],
    [at('2026-07-01', '12:00', 'WET'), '2026-07-01T11:00:00.000Z'],
    [at('2026-07-01', '12:00', 'EST'), '2026-07-01T17:00:00.000Z'],
    [at('2026-07-01', '12:00', 'EST5EDT'), '2026-07-01T16:00:00.000Z'],
    [at('2026-07-01', '12:00', 'europe/BERLIN'), '2026-07-01T10:00:00.000Z'],
  ]
  const { tasks } = await client.tasks.createMany.mutate({ tasks: cases.map(([due]) => ({ title: 'x', due })) })
  expect(tasks.map(({ due, dueAt }) => [due, dueAt])).toEqual(cases)
})

test('a due changes, goes, and stays, with what is derived from it', async () => {
  const caller = await newCaller(service)
  const { client } = caller
  const { id } = await client.tasks.create.mutate({ title: 'x', due: { date: '2026-07-01' } })
  const timed = at('2026-07-01', '09:00', 'Asia/Tokyo')
  await client.tasks.update.mutate({ id, changes: { due: timed } })
  await client.tasks.update.mutate({ id, changes: { due: timed } })
  const kept = await client.tasks.update.mutate({ id, changes: { title: 'y' } })
  expect(kept).toMatchObject({ due: timed, dueAt: '2026-07-01T00:00:00.000Z' })
  await client.tasks.update.mutate({ id, changes: { due: { ...timed, timeZone: 'Asia/Seoul' } } })
  const none = await client.tasks.update.mutate({ id, changes: { due: null } })
  expect(none).toMatchObject({ due: null, dueAt: null })
  const changes = await changesAfter(caller, 1)
  expect(changes.map(({ before }) => before)).toEqual([
    { due: { date: '2026-07-01' }, dueAt: null },
    { title: 'x' },
    // The instant is the same.
    { due: timed },
    { due: { ...timed, timeZone: 'Asia/Seoul' }, dueAt: '2026-07-01T00:00:00.000Z' },
  ])
  expect(await headOf(caller)).toBe(5)
})

const formats = new Map<string, Intl.DateTimeFormat>()
/** Minutes by which a zone is ahead of UTC, by the runtime's own time-zone data. */
function offset(timeZone: string, instant: number): number {
  const numeric = 'numeric' as const
  const fields = { year: numeric, month: numeric, day: numeric, hour: numeric, minute: numeric }
  const format = formats.get(timeZone) ?? new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', ...fields })
  formats.set(timeZone, format)
  const parts = format.formatToParts(instant)
  const part = (type: string): number => Number(parts.find((p) => p.type === type)?.value)
  return (Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute')) - instant) / 60_000
}

const DAY = 24 * 60 * 60_000
/** The first instant at which clocks show this; where none do, by the offset of before the gap. */
function instantOf(timeZone: string, wall: number): number {
  const [before, after] = [wall - 1.5 * DAY, wall + 1.5 * DAY].map((instant) => offset(timeZone, instant) * 60_000)
  const found = [before, after].map((ahead = 0) => ({ instant: wall - ahead, ahead }))
  const shown = found.filter(({ instant, ahead }) => offset(timeZone, instant) * 60_000 === ahead)
  return Math.min(...(shown.length > 0 ? shown : found.slice(0, 1)).map(({ instant }) => instant))
}

/** A wall-clock time near a change of the clocks after the day given, where there is one within a year. */
function nearChange(timeZone: string, from: number, minutes: number): number {
  let low = from
  while (low < from + 366 * DAY && offset(timeZone, low) === offset(timeZone, low + 7 * DAY)) low += 7 * DAY
  let high = low + 7 * DAY
  while (high - low > 60_000) {
    const middle = low + Math.floor((high - low) / 120_000) * 60_000
    if (offset(timeZone, middle) === offset(timeZone, low)) low = middle
    else high = middle
  }
  return high + (offset(timeZone, high) + minutes) * 60_000
}

test('every zone of the runtime is the same to the database', async () => {
  const { client } = await newCaller(service)
  for (const date of ['2020-01-15', '2020-07-15']) {
    const zones = Intl.supportedValuesOf('timeZone')
    const { tasks } = await client.tasks.createMany.mutate({
      tasks: zones.map((timeZone) => ({ title: timeZone, due: at(date, '12:00', timeZone) })),
    })
    const expected = zones.map((zone) => new Date(instantOf(zone, Date.parse(`${date}T12:00:00Z`))).toISOString())
    expect(tasks.map(({ title, dueAt }) => [title, dueAt])).toEqual(zones.map((zone, nr) => [zone, expected[nr]]))
  }
})

test('around every change of the clocks the instant is the first of what clocks show', async () => {
  const { client } = await newCaller(service)
  // The two sides need not have the newest rules of every country.
  const day = fc.integer({ min: Date.UTC(1980, 0, 1) / DAY, max: Date.UTC(2021, 0, 1) / DAY })
  const zone = fc.constantFrom(...Intl.supportedValuesOf('timeZone'))
  const wall = fc.tuple(zone, day, fc.integer({ min: -150, max: 150 }))
  const property = fc.asyncProperty(fc.array(wall, { minLength: 100, maxLength: 100 }), async (walls) => {
    const cases = walls.map(([timeZone, from, minutes]) => {
      const local = nearChange(timeZone, from * DAY, minutes)
      const [date = '', time = ''] = new Date(local).toISOString().split('T')
      return { due: at(date, time.slice(0, 5), timeZone), instant: new Date(instantOf(timeZone, local)).toISOString() }
    })
    const { tasks } = await client.tasks.createMany.mutate({ tasks: cases.map(({ due }) => ({ title: 'x', due })) })
    expect(tasks.map(({ due, dueAt }) => [due, dueAt])).toEqual(cases.map(({ due, instant }) => [due, instant]))
  })
  await holds(property, 5)
})
