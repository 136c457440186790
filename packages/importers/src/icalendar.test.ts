import { describe, expect, test } from 'vitest'
import { ids, input, load, messages, titles } from './testing/fixtures.ts'
import { importIcalendar } from './icalendar.ts'
import { NotThisFormat } from './types.ts'

test('a file may have several calendars, folds before the colon, blank lines, CRLF and a byte-order mark', () => {
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
    '19 other-entry: "Not a task": VEVENT',
    '32 other-entry: "Not a task either": VEVENT',
    '35 other-entry: "A diary": VJOURNAL',
    '28 foreign-id: "In no list": "second@example.org"',
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
    ['windows', at('America/Los_Angeles'), 'zone: "Pacific Standard Time" is read as America/Los_Angeles'],
    ['path', at('America/Argentina/Buenos_Aires'), 'is read as America/Argentina/Buenos_Aires'],
    ['dash', at('US/Eastern'), 'zone: "US-Eastern" is read as US/Eastern'],
    [
      'defined',
      { date: '2026-07-01', time: '03:30', timeZone: 'America/New_York' },
      'zone-converted: 2026-07-01 09:30 "Village" was converted to America/New_York',
    ],
    ['located', at('Europe/Vienna'), 'zone: "Town" is read as Europe/Vienna'],
    ['endless', at('America/New_York'), 'zone-unknown: "Endless" is read as America/New_York'],
    ['unknown', at('America/New_York'), 'zone-unknown: "Nowhere" is read as America/New_York'],
    ['floating', at('America/New_York'), 'floating: 2026-05-01 09:30 is read in America/New_York, yours'],
    ['seconds', at('UTC'), 'due-time: 2026-05-01T09:30:59Z'],
    ['no-such-day', null, 'due: DUE "20260231": no such date'],
    ['no-such-hour', null, 'due: DUE "20260501T253000Z": no such date'],
    ['words', null, 'due: DUE "tomorrow": no such date'],
    [
      'duration',
      { date: '2026-05-02', time: '11:30', timeZone: 'Europe/Paris' },
      'deadline: the start plus DURATION "P1DT2H"',
    ],
    ['bad-duration', null, 'due: DURATION "soon" cannot be added to the start'],
    ['two', at('UTC'), 'field: second DUE "20260601T093000Z"'],
  ])('%s', (title, due, note) => {
    expect(imported.tasks.find((task) => task.title === title)?.due).toEqual(due)
    const about = imported.notes.filter(({ label, kind }) => label === `"${title}"` && kind !== 'foreign-id')
    if (note === null) expect(about).toEqual([])
    else expect(about.map(({ kind, detail }) => `${kind}: ${detail}`)[0]).toContain(note)
  })
})

describe('properties', () => {
  const imported = importIcalendar(load('icalendar/properties.ics'))
  const [full, ...others] = imported.tasks

  test('become fields', () => {
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

  test('without a field are noted with their values', () => {
    const notes = imported.notes.filter(({ line }) => line === 7).map(({ kind, detail }) => `${kind}: ${detail}`)
    expect(notes).toEqual([
      'status: STATUS "IN-PROCESS" became open',
      'priority: PRIORITY 3 became high',
      "floating: 2026-05-01 09:00 is read in Europe/Berlin, the calendar's",
      'creation-date: CREATED "2026-01-01T00:00:00Z"',
      'modified: LAST-MODIFIED "2026-01-02T00:00:00Z"',
      'field: SUMMARY LANGUAGE "en"',
      'field: ATTACH "AAAA"',
      'field: PERCENT-COMPLETE "50"',
      'setting: CLASS "PRIVATE"',
      'start-date: DTSTART "2026-05-01T08:00:00"',
      'recurrence: RRULE "FREQ=WEEKLY;COUNT=4"',
      'parent: RELATED-TO "parent@example.org RELTYPE=PARENT"',
      'people: ATTENDEE "mailto:jo@example.org ROLE=CHAIR PARTSTAT=ACCEPTED"',
      'people: ATTENDEE "mailto:al@example.org"',
      'field: X-CUSTOM "keep me"',
      'reminder: VALARM "ACTION:DISPLAY TRIGGER:-PT30M"',
      'in-description: "Another text"',
      'in-description: "Location: Shed"',
      'in-description: "URL: https://example.org/gate"',
      'in-description: "Comment: Ask Jo"',
      'in-description: "Contact: Jo, 555"',
      'in-description: "Attachment: https://example.org/plan.pdf"',
    ])
    expect(messages(imported)[0]).toBe('6 field: of the calendar: X-APPLE-CALENDAR-COLOR "#FF0000"')
  })

  test('STATUS decides whether a task is complete', () => {
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

test('a damaged file is read as far as possible', () => {
  const imported = importIcalendar(load('icalendar/damaged.ics'))
  expect(titles(imported)).toEqual(['One', 'Two', 'Three', 'Cut off he'])
  expect(messages(imported)).toEqual([
    '1 damaged: END:VCALENDAR is missing',
    '3 other-entry: "An event without an end": VEVENT',
    '5 foreign-id: "One": "one"',
    '5 damaged: "One": END:VTODO is missing',
    '5 unreadable: "One": line 8: "this line has no colon"',
    '5 unreadable: "One": line 9: "X-BAD;="x:y"',
    '11 foreign-id: "Two": "two"',
    '11 unreadable: "Two": line 14: "END:VALARM"',
    '16 foreign-id: "Three": "three"',
    '16 reminder: "Three": VALARM "TRIGGER:-PT5M"',
    '22 damaged: "Cut off he": END:VTODO is missing',
  ])
})

test('vCalendar 1.0 may have quoted-printable text, charsets and semicolons between categories', () => {
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

test('a VTODO outside a calendar is read', () => {
  expect(titles(importIcalendar(load('icalendar/bare-vtodo.ics')))).toEqual(['Alone'])
})

test('a calendar without tasks is accepted', () => {
  const imported = importIcalendar(load('icalendar/events-only.ics'))
  expect(imported.tasks).toEqual([])
  expect(imported.notes.map(({ kind, detail }) => [kind, detail])).toEqual([['other-entry', 'VEVENT']])
})

test.each([
  ['Mark as \\"done\\"', 'Mark as "done"'],
  ['a\\, b\\; c\\\\d', 'a, b; c\\d'],
  ['C:\\Temp', 'C:\\Temp'],
  ['one\\nline', 'one line'],
  ['a\0b\u0007c', 'abc'],
])('SUMMARY:%s is read as %s', (raw, title) => {
  expect(titles(importIcalendar(input(`BEGIN:VTODO\nSUMMARY:${raw}\nEND:VTODO`, 'a.ics')))).toEqual([title])
})

test('overlong parameters make only their own line unreadable', () => {
  const text = `BEGIN:VTODO\nSUMMARY:a\nDUE${';A=b'.repeat(10_000)}:20260501\nEND:VTODO`
  const imported = importIcalendar(input(text, 'a.ics'))
  expect(imported.tasks).toMatchObject([{ title: 'a', due: null }])
  expect(messages(imported).join()).toMatch(/unreadable: "a": line 3: "DUE;A=b/u)
})

test('a UID that is not a UUID yields the same id after changes', () => {
  const text = (summary: string): string => `BEGIN:VTODO\nUID:a@b\nSUMMARY:${summary}\nEND:VTODO`
  const [before] = ids(importIcalendar(input(text('One'), 'a.ics')))
  expect(ids(importIcalendar(input(text('Two'), 'b.ics')))).toEqual([before])
})

test('an edit in another program wins over the exact value', () => {
  const text = (due: string): string =>
    `BEGIN:VTODO\nSUMMARY:Go\nPRIORITY:9\nSTATUS:CANCELLED\n${due}\nX-TASKWIRE-COMPLETE:false\nX-TASKWIRE-DELETED:"2026-01-01T00:00:00.000Z"\nEND:VTODO`
  const imported = importIcalendar(input(text('X-TASKWIRE-DUE:{"date":"2026-01-01"}'), 'a.ics'))
  expect(imported.tasks).toMatchObject([{ complete: false, due: null }])
  expect(messages(imported).join('\n')).toMatch(/edited: .*due: the changed value is used[^]*trash: /u)
})

test.each(['', 'hello', '{}', 'BEGIN:VCARD\nEND:VCARD'])('%j is not a calendar', (text) => {
  expect(() => importIcalendar(input(text, 'a.ics'))).toThrow(NotThisFormat)
})
