import fc from 'fast-check'
import ICAL from 'ical.js'
import { describe, expect, test } from 'vitest'
import { instantOf, instantOfWall } from './dates.ts'
import { ACCOUNT, input, messages, stored } from './testing/fixtures.ts'
import { readComponents } from './icalendar-lines.ts'
import { readRules } from './icalendar-rules.ts'
import { exportIcalendar, importIcalendar } from './icalendar.ts'
import type { Due } from './types.ts'

fc.configureGlobal({ seed: Number(process.env['TASKWIRE_SEED']) })

type Timed = Extract<Due, { time: string }>

const part = (name: string, start: string, from: string, to: string, rule?: string): string =>
  [
    `BEGIN:${name}`,
    `DTSTART:${start}`,
    ...(rule === undefined ? [] : [`RRULE:${rule}`]),
    `TZOFFSETFROM:${from}`,
    `TZOFFSETTO:${to}`,
    `END:${name}`,
  ].join('\n')

const central = [
  part('STANDARD', '19701025T030000', '+0200', '+0100', 'FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10'),
  part('DAYLIGHT', '19700329T020000', '+0100', '+0200', 'FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3'),
].join('\n')

const zone = (tzid: string, parts: string): string => `BEGIN:VTIMEZONE\nTZID:${tzid}\n${parts}\nEND:VTIMEZONE`
const todo = (tzid: string, local: string): string =>
  `BEGIN:VTODO\nUID:6a0f3f5e-3c58-4a6e-9a52-0d2b8f6f2a11\nSUMMARY:a\nDUE;TZID=${tzid}:${local}\nEND:VTODO`

function read(...parts: string[]): { due: Due | undefined; notes: string[] } {
  const imported = importIcalendar(input(`BEGIN:VCALENDAR\n${parts.join('\n')}\nEND:VCALENDAR`, 'a.ics'))
  return { due: imported.tasks[0]?.due, notes: messages(imported) }
}

describe('a VTIMEZONE', () => {
  test('takes precedence over the name of the zone', () => {
    const fixed = zone('Europe/Berlin', part('STANDARD', '19700101T000000', '+0530', '+0530'))
    expect(read(fixed, todo('Europe/Berlin', '20260501T093000'))).toEqual({
      due: { date: '2026-05-01', time: '00:00', timeZone: ACCOUNT.timeZone },
      notes: [expect.stringContaining('zone-converted: "a": 2026-05-01 09:30 "Europe/Berlin" was converted to')],
    })
  })

  test('is replaced by the IANA zone of the same name if both give the times in the file the same instants', () => {
    const due = { date: '2026-07-01', time: '09:30', timeZone: 'Europe/Berlin' }
    expect(read(zone('Europe/Berlin', central), todo('Europe/Berlin', '20260701T093000'))).toEqual({ due, notes: [] })
  })

  test("is replaced by the account's zone if both give the times in the file the same instants", () => {
    const eastern = [
      part('STANDARD', '20071104T020000', '-0400', '-0500', 'FREQ=YEARLY;BYDAY=1SU;BYMONTH=11'),
      part('DAYLIGHT', '20070311T020000', '-0500', '-0400', 'FREQ=YEARLY;BYDAY=2SU;BYMONTH=3'),
    ].join('\n')
    expect(read(zone('Customized', eastern), todo('Customized', '20260501T093000'))).toEqual({
      due: { date: '2026-05-01', time: '09:30', timeZone: ACCOUNT.timeZone },
      notes: [expect.stringContaining('zone: "a": "Customized" is read as America/New_York')],
    })
  })

  test('of the same calendar takes precedence over a VTIMEZONE of another calendar', () => {
    const fixed = zone('Local', part('STANDARD', '19700101T000000', '+0000', '+0000'))
    const other = `BEGIN:VCALENDAR\n${zone('Local', central)}\nEND:VCALENDAR`
    const text = `BEGIN:VCALENDAR\n${fixed}\n${todo('Local', '20260501T093000')}\nEND:VCALENDAR\n${other}`
    expect(importIcalendar(input(text, 'a.ics')).tasks[0]?.due).toMatchObject({ time: '05:30' })
  })

  test.each([
    ['20260329T015959', '00:59:59', 'before the clocks go forward'],
    ['20260329T030000', '01:00:00', 'after'],
    ['20260329T023000', '01:30:00', 'a skipped time'],
    ['20261025T023000', '00:30:00', 'a repeated time'],
    ['20261025T030000', '02:00:00', 'after they go back'],
    ['19500701T120000', '11:00:00', 'before the first rule'],
  ])('converts %s to %s in UTC: %s', (local, time) => {
    const rules = readRules(readComponents(zone('X', central)).components[0] ?? fail())
    const wall = ICAL.Time.fromDateTimeString(local.replace(/(....)(..)(..)T(..)(..)(..)/u, '$1-$2-$3T$4:$5:$6'))
    expect(rules).not.toBeNull()
    const instant = instantOfWall(Date.parse(`${wall.toString()}Z`), rules ?? (() => 0))
    expect(new Date(instant).toISOString().slice(11, 19)).toBe(time)
  })

  test.each([
    ['days of the month', 'FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=25,26,27,28,29,30,31;BYDAY=SU'],
    ['an UNTIL', 'FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU;UNTIL=20300101T000000Z'],
    ['no weekday', 'FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=29'],
  ])('may have a rule with %s', (_, rule) => {
    const parts = [
      part('DAYLIGHT', '20200329T020000', '0100', '0200', rule),
      part('STANDARD', '20201025T030000', '+0200', '+0100', 'FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU'),
    ].join('\n')
    const { due, notes } = read(zone('Europe/Berlin', parts), todo('Europe/Berlin', '20260701T093000'))
    expect({ due, notes }).toEqual({ due: { date: '2026-07-01', time: '09:30', timeZone: 'Europe/Berlin' }, notes: [] })
  })
})

test.each([
  ['PST', 'America/Los_Angeles', 'zone'],
  ['AET', 'Australia/Sydney', 'zone'],
  ['W. Europe Standard Time', 'Europe/Berlin', 'zone'],
  ['IST', ACCOUNT.timeZone, 'zone-unknown'],
])('the zone name %s, which the file does not define, is read as %s', (tzid, timeZone, kind) => {
  expect(read(todo(tzid, '20260501T093000'))).toEqual({
    due: { date: '2026-05-01', time: '09:30', timeZone },
    notes: [expect.stringContaining(` ${kind}: "a": "${tzid}" is read as ${timeZone}`)],
  })
})

function fail(): never {
  throw new Error('There is no zone.')
}

const timeZone = fc.constantFrom(...Intl.supportedValuesOf('timeZone').filter((name) => name !== 'UTC'))
const due = (from: string, to: string): fc.Arbitrary<Timed> =>
  fc.tuple(fc.date({ min: new Date(from), max: new Date(to), noInvalidDate: true }), timeZone).map(([day, name]) => ({
    date: day.toISOString().slice(0, 10),
    time: day.toISOString().slice(11, 16),
    timeZone: name,
  }))

function exported(dues: Timed[]): string {
  return exportIcalendar(dues.map((each) => stored({ due: each })))
}

describe('an exported calendar', () => {
  test('defines each zone that it names once', () => {
    const at = (name: string): Timed => ({ date: '2026-07-01', time: '09:30', timeZone: name })
    const text = exported([at('Europe/Berlin'), at('Asia/Tokyo'), at('Europe/Berlin'), at('UTC')])
    expect(text.match(/^TZID:.*$/gmu)).toEqual(['TZID:Europe/Berlin', 'TZID:Asia/Tokyo'])
    expect(text).toContain('RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU')
    expect(text).toContain('RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU')
  })

  test("defines each zone up to the year from which changes follow today's rules", () => {
    const text = exported([{ date: '2004-07-01', time: '09:30', timeZone: 'America/New_York' }])
    const [calendar] = readComponents(text).components
    const rules = readRules(calendar?.components[0] ?? fail()) ?? fail()
    for (const day of ['2004-03-20', '2006-03-20', '2007-03-20', '2030-03-20', '2030-12-20']) {
      const at = { date: day, time: '12:00', timeZone: 'America/New_York' }
      expect([day, instantOfWall(Date.parse(`${day}T12:00:00Z`), rules)]).toEqual([day, instantOf(at).getTime()])
    }
    expect(text).toContain('RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU')
  })

  test('defines zones whose rules yield the right instants', () => {
    fc.assert(
      fc.property(fc.array(due('0001-01-03', '9999-12-29'), { minLength: 1, maxLength: 4 }), (dues) => {
        const [calendar] = readComponents(exported(dues)).components
        for (const { date, time, timeZone: name } of dues) {
          const found = calendar?.components.find((each) => each.properties.some(({ raw }) => raw === name))
          const rules = found === undefined ? null : readRules(found)
          expect(rules).not.toBeNull()
          const instant = instantOfWall(Date.parse(`${date}T${time}:00Z`), rules ?? (() => 0))
          expect(instant).toBe(instantOf({ date, time, timeZone: name }).getTime())
        }
      }),
      { numRuns: 40 },
    )
  }, 60_000)

  // ical.js expands rules no further than 2035.
  test('is understood by another reader, for later years as well', () => {
    fc.assert(
      fc.property(due('1980-01-01', '2027-12-31'), fc.integer({ min: 0, max: 8 }), (first, later) => {
        const calendar = new ICAL.Component(ICAL.parse(exported([first])) as unknown[])
        const [component] = calendar.getAllSubcomponents('vtimezone')
        const found = new ICAL.Timezone({ component, tzid: first.timeZone })
        for (const date of [first.date, `${Number(first.date.slice(0, 4)) + later}${first.date.slice(4)}`]) {
          // Later years are defined only by rules.
          if (date !== first.date && !calendar.toString().includes('RRULE')) continue
          const time = ICAL.Time.fromDateTimeString(`${date}T12:00:00`)
          time.zone = found
          const noon = { date: time.toString().slice(0, 10), time: '12:00', timeZone: first.timeZone }
          expect(time.toJSDate().toISOString()).toBe(instantOf(noon).toISOString())
        }
      }),
      { numRuns: 60 },
    )
  }, 60_000)
})
