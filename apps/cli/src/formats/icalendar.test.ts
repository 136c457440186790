import { describe, expect, test } from 'vitest'
import { ids, load, messages, titles } from './fixture.ts'
import { importIcalendar } from './icalendar.ts'
import { NotThisFormat } from './types.ts'

test('several calendars, folds before the colon, blank lines, CRLF and a byte-order mark', () => {
  const imported = importIcalendar(load('icalendar/several-calendars.ics'))
  expect(imported.tasks).toMatchObject([
    {
      id: '6a0f3f5e-3c58-4a6e-9a52-0d2b8f6f2a11',
      title: 'Sweep the chimney',
      due: { date: '2026-05-01' },
      list: 'Cottage',
      source: { line: 8 },
    },
    { title: 'In no list', list: null },
  ])
  expect(messages(imported)).toEqual([
    '24: calendar: not kept: METHOD "PUBLISH"',
    '-: 2 VEVENT left out: only tasks (VTODO) are imported',
    '-: 1 VJOURNAL left out: only tasks (VTODO) are imported',
  ])
})

describe('due', () => {
  const imported = importIcalendar(load('icalendar/due.ics'))
  const at = (timeZone: string): object => ({ date: '2026-05-01', time: '09:30', timeZone })

  test.each([
    ['date', { date: '2026-05-01' }, null],
    ['bare-date', { date: '2026-05-01' }, null],
    ['utc', at('UTC'), null],
    ['iana', at('Europe/Paris'), null],
    ['quoted', at('Europe/Paris'), null],
    ['windows', at('America/Los_Angeles'), 'taken as America/Los_Angeles'],
    ['path', at('America/Argentina/Buenos_Aires'), 'taken as America/Argentina/Buenos_Aires'],
    ['dash', at('US/Eastern'), 'zone "US-Eastern" taken as US/Eastern'],
    ['defined', { date: '2026-07-01', time: '07:30', timeZone: 'UTC' }, 'became UTC by its VTIMEZONE'],
    ['located', at('Europe/Vienna'), 'zone "Town" taken as Europe/Vienna'],
    ['endless', at('UTC'), 'zone "Endless" is not known'],
    ['unknown', at('UTC'), 'zone "Nowhere" is not known'],
    ['floating', at('UTC'), 'names no zone: taken as UTC'],
    ['seconds', at('UTC'), 'the seconds are not kept'],
    ['no-such-day', null, 'DUE "20260231" not kept: there is no such date'],
    ['no-such-hour', null, 'DUE "20260501T253000Z" not kept: there is no such date'],
    ['words', null, 'DUE "tomorrow" not kept: there is no such date'],
    ['duration', { date: '2026-05-02', time: '11:30', timeZone: 'Europe/Paris' }, 'due at the start and DURATION'],
    ['bad-duration', null, 'DURATION "soon" not kept'],
    ['two', at('UTC'), 'second DUE "20260601T093000Z"'],
  ])('%s', (title, due, note) => {
    expect(imported.tasks.find((task) => task.title === title)?.due).toEqual(due)
    const about = messages(imported).filter((message) => message.includes(`"${title}": `))
    if (note === null) expect(about).toEqual([])
    else expect(about[0]).toContain(note)
  })
})

describe('properties', () => {
  const imported = importIcalendar(load('icalendar/properties.ics'))
  const [full, ...others] = imported.tasks

  test('have their place where there is one', () => {
    expect(full).toMatchObject({
      id: '6a0f3f5e-3c58-4a6e-9a52-0d2b8f6f2a11',
      title: 'Mend C:\\old; gate, soon',
      complete: false,
      priority: 'high',
      tags: ['Tools', 'Metal, scrap', 'Back\\', '+garden', '@home'],
      due: { date: '2026-05-01', time: '09:00', timeZone: 'Europe/Berlin' },
      list: 'Work, mostly',
    })
    expect(full?.description?.split('\n')).toEqual([
      'First line',
      'second line',
      'third',
      '',
      'Another text',
      'Location: Shed',
      'URL: https://example.org/gate',
      'Comment: Ask Jo',
      'Contact: Jo, 555',
      'Attachment: https://example.org/plan.pdf',
    ])
  })

  test('are noted where there is none, each with its value', () => {
    const notes = messages(imported).filter((message) => message.startsWith('7: '))
    for (const said of [
      'STATUS "IN-PROCESS"',
      'PRIORITY 3 became high',
      "names no zone: taken as Europe/Berlin, the calendar's zone",
      'DTSTART "2026-05-01T08:00:00"',
      'RRULE "FREQ=WEEKLY;COUNT=4"',
      'RELATED-TO "parent@example.org RELTYPE=PARENT"',
      'ATTENDEE "mailto:jo@example.org ROLE=CHAIR PARTSTAT=ACCEPTED", "mailto:al@example.org"',
      'VALARM "ACTION:DISPLAY TRIGGER:-PT30M"',
      'stamped 2026-01-01T00:00:00Z, created 2026-01-01T00:00:00Z, modified 2026-01-02T00:00:00Z not kept',
      'SEQUENCE "3", SUMMARY LANGUAGE "en", ATTACH "AAAA", PERCENT-COMPLETE "50", CLASS "PRIVATE", X-CUSTOM "keep me"',
    ]) {
      expect(notes.filter((note) => note.includes(said))).toHaveLength(1)
    }
    expect(messages(imported)[0]).toBe('1: calendar: not kept: X-APPLE-CALENDAR-COLOR "#FF0000"')
  })

  test('the status decides what is complete', () => {
    expect(others.map(({ title, complete, priority }) => [title, complete, priority])).toEqual([
      ['Done', true, 'none'],
      ['Completed only', true, 'none'],
      ['Contradiction', false, 'none'],
      ['Cancelled', true, 'low'],
      ['Hundred per cent', true, 'medium'],
      ['Odd priority', false, 'none'],
      ['Only a text', false, 'none'],
      ['(untitled)', false, 'none'],
    ])
  })
})

test('a damaged file is read as far as it goes', () => {
  const imported = importIcalendar(load('icalendar/damaged.ics'))
  expect(titles(imported)).toEqual(['One', 'Two', 'Three', 'Cut off he'])
  expect(messages(imported)).toEqual([
    '1: END:VCALENDAR is missing',
    '-: 1 VEVENT left out: only tasks (VTODO) are imported',
    '5: "One": END:VTODO is missing: imported as far as it goes',
    '5: "One": line 8 is not readable, left out: "this line has no colon"',
    '5: "One": line 9 is not readable, left out: "X-BAD;="x:y"',
    '11: "Two": line 14 is not readable, left out: "END:VALARM"',
    '16: "Three": VALARM "TRIGGER:-PT5M" not kept: the service has no reminders',
    '22: "Cut off he": END:VTODO is missing: imported as far as it goes',
  ])
})

test('vCalendar 1.0: quoted-printable, charsets, semicolons between categories', () => {
  expect(importIcalendar(load('icalendar/vcalendar-1-0.vcs')).tasks).toMatchObject([
    {
      title: 'Café bestellen',
      description: 'Grüße\nZeile zwei',
      tags: ['Home', 'Food'],
      priority: 'high',
      complete: false,
      due: { date: '1999-04-01', time: '08:30', timeZone: 'UTC' },
    },
    { title: 'Done long ago', complete: true },
  ])
})

test('a VTODO needs no calendar around it', () => {
  expect(titles(importIcalendar(load('icalendar/bare-vtodo.ics')))).toEqual(['Alone'])
})

test('a calendar without tasks is one all the same', () => {
  const imported = importIcalendar(load('icalendar/events-only.ics'))
  expect(imported.tasks).toEqual([])
  expect(messages(imported)).toEqual(['-: 1 VEVENT left out: only tasks (VTODO) are imported'])
})

test('a UID that stands for several tasks gives each its own id', () => {
  const imported = importIcalendar(load('icalendar/same-uid.ics'))
  expect(new Set(ids(imported)).size).toBe(2)
  expect(messages(imported)[0]).toContain('id "series@example.org" stands for 2 tasks here: not used')
})

test('the id outlasts changes when the UID is no UUID', () => {
  const text = (summary: string): string => `BEGIN:VTODO\nUID:a@b\nSUMMARY:${summary}\nEND:VTODO`
  const [before] = ids(importIcalendar({ text: text('One'), fileName: 'a.ics' }))
  expect(ids(importIcalendar({ text: text('Two'), fileName: 'b.ics' }))).toEqual([before])
})

test('a value of ours gives way to an edit made elsewhere', () => {
  const text = (due: string): string =>
    `BEGIN:VTODO\nSUMMARY:Go\nPRIORITY:9\nSTATUS:CANCELLED\n${due}\nX-TASKWIRE-COMPLETE:false\nX-TASKWIRE-DELETED:"2026-01-01T00:00:00.000Z"\nEND:VTODO`
  const imported = importIcalendar({ text: text('X-TASKWIRE-DUE:{"date":"2026-01-01"}'), fileName: 'a.ics' })
  expect(imported.tasks).toMatchObject([{ complete: false, due: null }])
  expect(messages(imported).join('\n')).toMatch(/due was changed after Taskwire wrote it[^]*was in the trash/u)
})

test.each(['', 'hello', '{}', 'BEGIN:VCARD\nEND:VCARD'])('%j is no calendar', (text) => {
  expect(() => importIcalendar({ text, fileName: 'a.ics' })).toThrow(NotThisFormat)
})
