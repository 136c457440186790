import { describe, expect, test } from 'vitest'
import { ACCOUNT, ids, input, load, messages } from './testing/fixtures.ts'
import { importGoogletasks } from './googletasks.ts'
import { importJson } from './json.ts'
import { NotThisFormat } from './types.ts'

describe('Google Tasks', () => {
  const imported = importGoogletasks(load('googletasks/takeout.json'))

  test('lists, notes, links and dates are read', () => {
    expect(imported.tasks).toMatchObject([
      { title: 'Sweep', list: 'Home', complete: false, due: { date: '2026-01-10' }, description: null },
      {
        title: 'Sweep',
        list: 'Home',
        complete: false,
        due: { date: '2026-01-10', time: '18:00', timeZone: 'America/New_York' },
        description: 'twice\nover\n\nLink: The mail https://example.org/m',
      },
      { title: 'Mop', list: 'Home', complete: true },
      { title: '(untitled)', list: 'Home', due: null },
      { title: 'Sweep', list: 'Second' },
    ])
  })

  test('tasks that share an id get separate ids', () => {
    expect(new Set(ids(imported)).size).toBe(5)
    expect(ids(importGoogletasks(load('googletasks/takeout.json')))).toEqual(ids(imported))
  })

  test('values without a field are noted', () => {
    expect(messages(imported)).toEqual([
      '- deleted: "Gone": in Google Tasks',
      '- left-out: list "Second": "not a task"',
      '- empty-list: list "Nothing here"',
      '- shared-id: "Sweep": "SAME" is used by 3 tasks',
      '- modified: "Sweep": 2026-01-10T03:46:42Z',
      '- shared-id: "Sweep": "SAME" is used by 3 tasks',
      '- due-instant: "Sweep": 2026-01-10T23:00:00Z is 2026-01-10 18:00',
      '- status: "Sweep": completed 2026-01-10T00:00:00Z, but its status is not: left open',
      '- creation-date: "Sweep": 2026-01-09T00:00:00Z',
      '- in-description: "Sweep": "Link: The mail https://example.org/m"',
      '- foreign-id: "Mop": "OWN"',
      '- parent: "Mop": of "SAME"',
      '- completion-date: "Mop": 2026-01-10T00:00:00Z',
      '- due: "(untitled)": "2026-02-31T00:00:00Z": no such date',
      '- status: "(untitled)": "odd" is not known: left open',
      '- untitled: "(untitled)": titled "(untitled)"',
      '- shared-id: "Sweep": "SAME" is used by 3 tasks',
    ])
  })

  test.each([
    ['2026-05-01T00:00:00.000Z', { date: '2026-05-01' }],
    ['2026-05-01T04:00:00.000Z', { date: '2026-05-01' }],
    ['2026-05-01T13:30:00.000Z', { date: '2026-05-01', time: '09:30', timeZone: ACCOUNT.timeZone }],
  ])('due at %s', (due, expected) => {
    const text = JSON.stringify({ kind: 'tasks#tasks', items: [{ title: 'a', due }] })
    expect(importGoogletasks(input(text, 'Tasks.json')).tasks).toMatchObject([{ due: expected }])
  })

  test('one list, as returned by the API, has no name', () => {
    expect(importGoogletasks(load('googletasks/one-list.json')).tasks).toMatchObject([
      { title: 'From the API', list: null, due: { date: '2026-01-10' } },
    ])
  })

  test.each(['', '{}', '[]', '{"kind":"calendar#events"}', '{"kind":"tasks#taskLists","items":['])(
    '%j is not a file of Google Tasks',
    (text) => {
      expect(() => importGoogletasks(input(text, 'Tasks.json'))).toThrow(NotThisFormat)
    },
  )
})

test('of several Taskwire tasks with the same id, the one with the highest revision is imported', () => {
  const at = (revision: number): object => ({
    id: '6a0f3f5e-3c58-4a6e-9a52-0d2b8f6f2a11',
    title: `r${revision}`,
    revision,
  })
  const imported = importJson(input(JSON.stringify([at(2), at(7), at(3)]), 'a.json'))
  expect(imported.tasks).toMatchObject([{ id: '6a0f3f5e-3c58-4a6e-9a52-0d2b8f6f2a11', title: 'r7' }])
  expect(messages(imported)).toHaveLength(2)
})

describe('Taskwire JSON', () => {
  const imported = importJson(load('json/list-all.json'))

  test('the array of list --all --json is read', () => {
    expect(imported.tasks).toMatchObject([
      {
        id: '6a0f3f5e-3c58-4a6e-9a52-0d2b8f6f2a11',
        title: 'Sow',
        complete: true,
        priority: 'high',
        tags: ['a'],
        due: { date: '2026-02-01' },
        list: null,
      },
      { title: 'Reap', complete: false, priority: 'none', tags: [], due: null },
      { title: 'Mow', due: null },
    ])
  })

  test('invalid and unknown values are noted', () => {
    expect(messages(imported)).toEqual([
      '- left-out: "7"',
      '- list: "Sow": 6a0f3f5e-3c58-4a6e-9a52-0d2b8f6f2b11',
      '- creation-date: "Sow": 2026-01-01T00:00:00.000Z',
      '- completion-date: "Sow": 2026-01-02T00:00:00.000Z',
      '- modified: "Sow": 2026-01-02T00:00:00.000Z',
      '- unreadable: "Reap": complete "yes": wrong type',
      '- unreadable: "Reap": priority "huge": wrong type',
      '- unreadable: "Reap": tags "x": wrong type',
      '- due: "Reap": due "{"date":"2026-02-31"}": no such date, time or zone',
      '- field: "Reap": mood "fine"',
      '- due: "Mow": due "{"date":"2026-02-01","time":"09:30","timeZone":"Mars/Crater"}": no such date, time or zone',
      '- trash: "Mow": since 2026-01-03T00:00:00.000Z',
    ])
  })

  test('a page of me.export has the names of the lists', () => {
    expect(importJson(load('json/me-export.json')).tasks).toMatchObject([
      { title: 'Sow', list: 'Field' },
      { title: 'Reap', list: null },
    ])
  })

  test.each(['', ' ', '{}', '{"tasks":[{"a":1}]}', '{"tasks":'])('%j is not Taskwire JSON', (text) => {
    expect(() => importJson(input(text, 'a.json'))).toThrow(NotThisFormat)
  })
})
