import { describe, expect, test } from 'vitest'
import { input, load, messages, stored, titles } from './testing/fixtures.ts'
import { exportTaskwarrior, importTaskwarrior } from './taskwarrior.ts'
import { NotThisFormat } from './types.ts'

describe('an export', () => {
  const imported = importTaskwarrior(load('taskwarrior/export.json'))
  const { tasks } = imported

  test('attributes become fields', () => {
    expect(tasks).toMatchObject([
      {
        id: '6a0f3f5e-3c58-4a6e-9a52-0d2b8f6f2a11',
        title: 'Book the hall',
        description: '[2026-01-01 05:16] ask for the key\nno date',
        list: 'Party.Place',
        tags: ['phone', 'big day'],
        priority: 'high',
        due: { date: '2026-03-01', time: '07:00', timeZone: 'America/New_York' },
      },
      {
        id: '6a0f3f5e-3c58-4a6e-9a52-0d2b8f6f2a12',
        title: 'Send cards',
        complete: false,
        priority: 'low',
        tags: ['mail', 'shop'],
      },
      { title: 'Bake', complete: true, priority: 'none', due: null },
      { title: 'Water plants', due: { date: '2026-03-01', time: '07:00', timeZone: 'America/New_York' } },
      { title: 'Template alone', complete: false },
      { title: 'With a ticket', description: 'jiraurl: https://example.org/T-1' },
      { title: 'Bad id' },
      { title: '[2026-01-01 05:16] a text' },
    ])
  })

  test('attributes without a field are noted', () => {
    expect(messages(imported)).toEqual([
      '5 deleted: "Thrown away": in Taskwarrior',
      '6 recurrence: "Water plants": recur "weekly"; its instances are imported',
      '2 creation-date: "Book the hall": 2026-01-01T10:15:00Z',
      '2 modified: "Book the hall": 2026-01-02T10:15:00Z',
      '2 in-description: "Book the hall": "[2026-01-01 05:16] ask for the key"',
      '2 in-description: "Book the hall": "no date"',
      '3 due-time: "Send cards": 2026-03-01T12:00:59Z',
      '3 relation: "Send cards": depends "6a0f3f5e-3c58-4a6e-9a52-0d2b8f6f2a11"',
      '3 start-date: "Send cards": wait "2026-02-01T00:00:00Z"',
      '3 start-date: "Send cards": scheduled "2026-02-02T00:00:00Z"',
      '3 field: "Send cards": until "20260401T000000Z"',
      '4 unreadable: "Bake": priority "X" is not H, M or L',
      '4 due: "Bake": "20260231T000000Z": no such date',
      '4 relation: "Bake": depends "6a0f3f5e-3c58-4a6e-9a52-0d2b8f6f2a11, 6a0f3f5e-3c58-4a6e-9a52-0d2b8f6f2a12"',
      '4 field: "Bake": start "20260104T000000Z"',
      '4 completion-date: "Bake": 2026-01-05T00:00:00Z',
      '7 recurrence: "Water plants": recur "weekly"',
      '8 recurrence: "Template alone": recur "monthly"',
      '9 field: "With a ticket": jiraid "T-1"',
      '9 field: "With a ticket": estimate "3"',
      '9 in-description: "With a ticket": "jiraurl: https://example.org/T-1"',
      '10 foreign-id: "Bad id": "6a0f3f5e-3c58-4a6e-9a52-0d2b8f6f2axy"',
      '11 status: "[2026-01-01 05:16] a text": "odd" is not known: left open',
      '11 in-description: "[2026-01-01 05:16] a text": "[2026-01-01 05:16] a text"',
      '11 untitled: "[2026-01-01 05:16] a text": titled after its description',
    ])
  })

  test('an invalid uuid yields the same id each time', () => {
    const again = importTaskwarrior(load('taskwarrior/export.json')).tasks
    expect(again[6]?.id).toBe(tasks[6]?.id)
    expect(tasks[6]?.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8/u)
  })
})

test('an object on several lines is read', () => {
  expect(importTaskwarrior(load('taskwarrior/one-object.ndjson')).tasks).toMatchObject([
    { title: 'Seul, en français', description: 'Source: file.md' },
  ])
})

test('of several states of a task, the latest is imported', () => {
  const imported = importTaskwarrior(load('taskwarrior/backlog.data'))
  expect(imported.tasks).toMatchObject([
    { title: 'Paint it', complete: true, due: null, source: { line: 4 } },
    { title: 'Plaster', source: { line: 2 } },
  ])
  expect(messages(imported)).toEqual(['1 merged: "Paint": line 3 is newer', '3 merged: "Paint it": line 4 is newer'])
})

test('intact objects between damaged ones are read', () => {
  const imported = importTaskwarrior(load('taskwarrior/damaged.json'))
  expect(titles(imported)).toEqual(['Whole', 'Tab inside'])
  expect(messages(imported)).toEqual([
    '3 unreadable: "{"description":"Broken,"status":"pending"},"',
    '6 unreadable: "{"description":"Cut o"',
    '5 left-out: "{"weather":"fine"}"',
    '4 characters: "Tab inside": control characters in the JSON became spaces',
  ])
})

test('objects separated by commas without brackets, as old versions write them, are read', () => {
  const text = '{"description":"a","status":"pending"},\n{"description":"b","status":"pending"}\n'
  expect(titles(importTaskwarrior(input(text, 'a')))).toEqual(['a', 'b'])
})

test('an empty array has no tasks', () => {
  expect(importTaskwarrior(input('[]\n', 'a.json'))).toEqual({ tasks: [], notes: [] })
})

test('the data file is refused, and the message names the command that exports it', () => {
  expect(() => importTaskwarrior(load('taskwarrior/pending.data'))).toThrow(
    "This is not a Taskwarrior JSON file: it is Taskwarrior's own data file, not an export. Write one with: task export > tasks.json",
  )
})

test.each(['', 'hello', '{}', '{"title":"a"}', '[1,2]'])('%j is not an export', (text) => {
  expect(() => importTaskwarrior(input(text, 'a.json'))).toThrow(NotThisFormat)
})

describe("an all-day date is midnight in the account's zone", () => {
  const due = (stamp: string, timeZone: string): unknown => {
    const text = `[{"uuid":"a","description":"a","due":"${stamp}"}]`
    return importTaskwarrior({ ...input(text, 'a.json'), timeZone }).tasks[0]?.due
  }

  test.each([
    ['20260501T040000Z', 'America/New_York', { date: '2026-05-01' }],
    ['20260430T220000Z', 'Europe/Berlin', { date: '2026-05-01' }],
    ['1777608000', 'America/New_York', { date: '2026-05-01' }],
    ['20260501T040000Z', 'Europe/Berlin', { date: '2026-05-01', time: '06:00', timeZone: 'Europe/Berlin' }],
    ['20260501T000000Z', 'UTC', { date: '2026-05-01' }],
  ])('%s in %s', (stamp, timeZone, expected) => {
    expect(due(stamp, timeZone)).toEqual(expected)
  })

  test('an all-day date is written as midnight in the zone', () => {
    const text = exportTaskwarrior([stored({ due: { date: '2026-05-01' } })], { timeZone: 'America/New_York' })
    expect(text).toContain('"due":"20260501T040000Z"')
    // The date stays all-day even if the account's zone changes.
    expect(importTaskwarrior({ ...input(text, 'a.json'), timeZone: 'Asia/Tokyo' }).tasks[0]?.due).toEqual({
      date: '2026-05-01',
    })
  })
})
