import type { Due } from '@taskwire/contract'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { startTestService } from '../../testing/service.ts'
import { changesAfter, headOf, newCaller } from '../../testing/caller.ts'
import { checkProperty } from '../../testing/property.ts'

const service = await startTestService()
afterAll(async () => await service[Symbol.asyncDispose]())

const timedDue = (date: string, time: string, timeZone: string): Due & { time: string } => ({ date, time, timeZone })

test('a due with a time has an instant, and an all-day due has none', async () => {
  const { client } = await newCaller(service)
  const cases: [Due, string | null][] = [
    [{ date: '2026-07-01' }, null],
    [{ date: '0001-01-01' }, null],
    [{ date: '9999-12-31' }, null],
    [{ date: '2024-02-29' }, null],
    [timedDue('2026-07-01', '00:00', 'UTC'), '2026-07-01T00:00:00.000Z'],
    [timedDue('2026-07-01', '23:59', 'Europe/Berlin'), '2026-07-01T21:59:00.000Z'],
    [timedDue('2026-01-01', '12:00', 'Asia/Kathmandu'), '2026-01-01T06:15:00.000Z'],
    [timedDue('2026-01-01', '12:00', 'Pacific/Kiritimati'), '2025-12-31T22:00:00.000Z'],
    [timedDue('2026-01-01', '12:00', 'Etc/GMT+12'), '2026-01-02T00:00:00.000Z'],
    // A skipped time moves forward by the gap.
    [timedDue('2026-03-29', '02:30', 'Europe/Berlin'), '2026-03-29T01:30:00.000Z'],
    [timedDue('2026-03-08', '02:00', 'America/New_York'), '2026-03-08T07:00:00.000Z'],
    [timedDue('2026-10-04', '02:15', 'Australia/Lord_Howe'), '2026-10-03T15:45:00.000Z'],
    [timedDue('2011-12-30', '10:00', 'Pacific/Apia'), '2011-12-30T20:00:00.000Z'],
    // A repeated time means the first of the two instants.
    [timedDue('2026-10-25', '02:30', 'Europe/Berlin'), '2026-10-25T00:30:00.000Z'],
    [timedDue('2026-11-01', '01:00', 'America/New_York'), '2026-11-01T05:00:00.000Z'],
    [timedDue('2026-04-05', '01:45', 'Australia/Lord_Howe'), '2026-04-04T14:45:00.000Z'],
    // PostgreSQL reads the names of these zones as abbreviations.
    [timedDue('2026-07-01', '12:00', 'CET'), '2026-07-01T10:00:00.000Z'],
    [timedDue('2026-07-01', '12:00', 'met'), '2026-07-01T10:00:00.000Z'],
    [timedDue('2026-07-01', '12:00', 'EET'), '2026-07-01T09:00:00.000Z'],
    [timedDue('2026-07-01', '12:00', 'WET'), '2026-07-01T11:00:00.000Z'],
    [timedDue('2026-07-01', '12:00', 'EST'), '2026-07-01T17:00:00.000Z'],
    [timedDue('2026-07-01', '12:00', 'EST5EDT'), '2026-07-01T16:00:00.000Z'],
    [timedDue('2026-07-01', '12:00', 'europe/BERLIN'), '2026-07-01T10:00:00.000Z'],
  ]
  const { tasks } = await client.tasks.createMany.mutate({ tasks: cases.map(([due]) => ({ title: 'x', due })) })
  expect(tasks.map(({ due, dueAt }) => [due, dueAt])).toEqual(cases)
})

test('dueAt follows due when due is changed, kept and removed', async () => {
  const caller = await newCaller(service)
  const { client } = caller
  const { id } = await client.tasks.create.mutate({ title: 'x', due: { date: '2026-07-01' } })
  const timed = timedDue('2026-07-01', '09:00', 'Asia/Tokyo')
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
    // The new due has the same instant, so dueAt does not change.
    { due: timed },
    { due: { ...timed, timeZone: 'Asia/Seoul' }, dueAt: '2026-07-01T00:00:00.000Z' },
  ])
  expect(await headOf(caller)).toBe(5)
})

const formats = new Map<string, Intl.DateTimeFormat>()
/** Returns the minutes by which a zone is ahead of UTC, according to the runtime's time-zone data. */
function offsetOf(timeZone: string, instant: number): number {
  const numeric = 'numeric' as const
  const fields = { year: numeric, month: numeric, day: numeric, hour: numeric, minute: numeric }
  const format = formats.get(timeZone) ?? new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', ...fields })
  formats.set(timeZone, format)
  const parts = format.formatToParts(instant)
  const part = (type: string): number => Number(parts.find((p) => p.type === type)?.value)
  return (Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute')) - instant) / 60_000
}

const DAY = 24 * 60 * 60_000
/** Returns the first instant with this local time; in a gap, by the offset before the gap. */
function instantOf(timeZone: string, localTime: number): number {
  const [before, after] = [localTime - 1.5 * DAY, localTime + 1.5 * DAY].map(
    (instant) => offsetOf(timeZone, instant) * 60_000,
  )
  const found = [before, after].map((ahead = 0) => ({ instant: localTime - ahead, ahead }))
  const shown = found.filter(({ instant, ahead }) => offsetOf(timeZone, instant) * 60_000 === ahead)
  return Math.min(...(shown.length > 0 ? shown : found.slice(0, 1)).map(({ instant }) => instant))
}

/** Returns a local time near the first change of the clocks after a day, if there is one within a year. */
function localTimeNearChange(timeZone: string, from: number, minutes: number): number {
  let low = from
  while (low < from + 366 * DAY && offsetOf(timeZone, low) === offsetOf(timeZone, low + 7 * DAY)) low += 7 * DAY
  let high = low + 7 * DAY
  while (high - low > 60_000) {
    const middle = low + Math.floor((high - low) / 120_000) * 60_000
    if (offsetOf(timeZone, middle) === offsetOf(timeZone, low)) low = middle
    else high = middle
  }
  return high + (offsetOf(timeZone, high) + minutes) * 60_000
}

test('the database knows every time zone of the runtime', async () => {
  const { client } = await newCaller(service)
  for (const date of ['2020-01-15', '2020-07-15']) {
    const zones = Intl.supportedValuesOf('timeZone')
    const { tasks } = await client.tasks.createMany.mutate({
      tasks: zones.map((timeZone) => ({ title: timeZone, due: timedDue(date, '12:00', timeZone) })),
    })
    const expected = zones.map((zone) => new Date(instantOf(zone, Date.parse(`${date}T12:00:00Z`))).toISOString())
    expect(tasks.map(({ title, dueAt }) => [title, dueAt])).toEqual(zones.map((zone, nr) => [zone, expected[nr]]))
  }
})

test('around changes of the clocks, dueAt is the first instant with the local time', async () => {
  const { client } = await newCaller(service)
  // The runtime and the database may have different releases of the time-zone data.
  const day = fc.integer({ min: Date.UTC(1980, 0, 1) / DAY, max: Date.UTC(2021, 0, 1) / DAY })
  const zone = fc.constantFrom(...Intl.supportedValuesOf('timeZone'))
  const localTime = fc.tuple(zone, day, fc.integer({ min: -150, max: 150 }))
  const property = fc.asyncProperty(fc.array(localTime, { minLength: 100, maxLength: 100 }), async (localTimes) => {
    const cases = localTimes.map(([timeZone, from, minutes]) => {
      const local = localTimeNearChange(timeZone, from * DAY, minutes)
      const [date = '', time = ''] = new Date(local).toISOString().split('T')
      return {
        due: timedDue(date, time.slice(0, 5), timeZone),
        instant: new Date(instantOf(timeZone, local)).toISOString(),
      }
    })
    const { tasks } = await client.tasks.createMany.mutate({ tasks: cases.map(({ due }) => ({ title: 'x', due })) })
    expect(tasks.map(({ due, dueAt }) => [due, dueAt])).toEqual(cases.map(({ due, instant }) => [due, instant]))
  })
  await checkProperty(property, 5)
})
