import { describe, expect, test } from 'vitest'
import { ids, load, messages, titles } from './fixture.ts'
import { exportTodoist, importTodoist } from './todoist.ts'
import { NotThisFormat } from './types.ts'
import type { ExportedTask } from './types.ts'

describe('an export with everything in it', () => {
  const imported = importTodoist(load('todoist/Moving house [2203306141].csv'))
  const { tasks } = imported

  test('project, sections, labels and comments', () => {
    expect(tasks.map(({ list }) => list)).toEqual(tasks.map(() => 'Moving house'))
    expect(tasks.map(({ title, tags }) => [title, ...tags])).toEqual([
      ['Before any section'],
      ['**Books**, all of them', 'Packing', 'heavy', 'books'],
      ['Novels', 'Packing'],
      ['Thrillers', 'Packing'],
      ['Lend to @bob by May', 'Packing', 'bob', 'Books'],
      ['* Not to be ticked', 'Packing'],
      ['@errands', 'Paper', 'errands'],
      ['Say "hello"', 'Paper'],
    ])
    expect(tasks[1]?.description).toBe('Two lines\nof text\n\nFirst comment\nSecond,\ncomment')
  })

  test('priorities: 1 is the highest', () => {
    const wanted = ['none', 'urgent', 'high', 'medium', 'none', 'none', 'none', 'high']
    expect(tasks.map(({ priority }) => priority)).toEqual(wanted)
  })

  test('dates in figures are kept, in words they are not', () => {
    expect(tasks.map(({ due }) => due)).toEqual([
      null,
      { date: '2026-05-04' },
      null,
      null,
      { date: '2026-05-04', time: '09:30', timeZone: 'Europe/London' },
      null,
      { date: '2026-05-04', time: '10:00', timeZone: 'Etc/GMT-1' },
      { date: '2026-05-04', time: '10:00', timeZone: 'UTC' },
    ])
  })

  test('lines are those of the file, over blank rows and cells of several lines', () => {
    expect(tasks.map(({ source }) => source.line)).toEqual([4, 6, 11, 12, 14, 15, 18, 19])
  })

  test('notes what has no place', () => {
    expect(messages(imported)).toEqual([
      '2: meta "view_style=list" is no task: left out',
      '3: note "A comment on the project" is no task: left out',
      '8: note "First comment": not kept: AUTHOR "Ann (1)"',
      '16: section "Empty": not kept: RESPONSIBLE "Ann (1)"',
      '16: section "Empty" has no tasks: not kept',
      '17: section "Paper": not kept: DURATION "Europe/London"',
      '20: odd "What is this" is no task: left out',
      '4: AUTHOR "Ann (1)" not kept: the service has no such field (3 tasks, lines 4, 6, 11)',
      '6: DATE_LANG "en" not kept: the service has no such field (5 tasks, lines 6, 11-12, 14-15)',
      '6: TIMEZONE "Europe/London" not kept: the service has no such field (3 tasks, lines 6, 11-12)',
      '18: DURATION_UNIT "None" not kept: the service has no such field',
      '6: "**Books**, all of them": not kept: RESPONSIBLE "Bob (2)", DURATION "30", DURATION_UNIT "minute"; the service has no such fields',
      '11: "Novels": DATE "every 4 weeks" not kept: the service has no repeating tasks',
      '11: "Novels": sub-task of "**Books**, all of them @heavy @books": the service has no sub-tasks',
      '12: "Thrillers": DATE "tomorrow at 9" not kept: only dates such as 2026-01-31 are read',
      '12: "Thrillers": sub-task of "Novels": the service has no sub-tasks',
      '15: "* Not to be ticked": DATE "2026-02-30" not kept: there is no such date',
      '18: "@errands": PRIORITY "5" not kept: it is none of 1 to 4',
      '18: "@errands": DATE "2026-05-04T10:00", TIMEZONE "GMT +1:00": taken as Etc/GMT-1',
      '19: "Say "hello"": DATE "2026-05-04T10:00:30Z": the seconds are not kept',
    ])
  })
})

test('the old header with DUE_DATE, blank lines, a label twice', () => {
  expect(importTodoist(load('todoist/legacy-header.csv')).tasks).toMatchObject([
    {
      title: 'Old style',
      tags: ['1️⃣ First', 'home'],
      priority: 'high',
      due: { date: '2026-05-04' },
      list: 'legacy-header',
    },
    { title: 'Below it', priority: 'urgent' },
  ])
})

test('a short header, rows shorter and longer than it', () => {
  const imported = importTodoist(load('todoist/short-header.csv'))
  expect(titles(imported)).toEqual(['Short', 'Shorter', 'Longer'])
  expect(messages(imported)).toContain('6: "Longer": not kept: column 8 "surplus"; the service has no such fields')
})

test('a deadline is the due date of a task without one', () => {
  const imported = importTodoist(load('todoist/deadlines.csv'))
  expect(imported.tasks.map(({ due }) => due)).toEqual([{ date: '2026-07-01' }, { date: '2026-06-01' }])
  expect(messages(imported)).toContain(
    '3: "Date and deadline": not kept: META "x=1", DEADLINE "2026-07-01"; the service has no such fields',
  )
})

test('semicolons in place of commas', () => {
  expect(importTodoist(load('todoist/semicolons.csv')).tasks).toMatchObject([{ title: 'One, two', priority: 'urgent' }])
})

test('a header alone holds no tasks', () => {
  expect(importTodoist(load('todoist/header-only.csv'))).toEqual({ tasks: [], notes: [] })
})

test('a quote that never closes costs its own row only', () => {
  const imported = importTodoist(load('todoist/damaged-quote.csv'))
  expect(titles(imported)).toEqual(['Whole', 'Never closed,,4,1,,,,,,,', 'After it'])
  expect(messages(imported)[0]).toContain('the CSV is damaged, read line by line')
})

test('the project Inbox is the inbox; the folder of the file is in no id', () => {
  const { text } = load('todoist/semicolons.csv')
  const inbox = importTodoist({ text, fileName: 'Inbox [1].csv' })
  expect(inbox.tasks[0]?.list).toBeNull()
  expect(ids(importTodoist({ text, fileName: 'elsewhere/Inbox [1].csv' }))).toEqual(ids(inbox))
})

test('an edit made in a spreadsheet wins over the column of ours', () => {
  const task: ExportedTask = {
    id: '6a0f3f5e-3c58-4a6e-9a52-0d2b8f6f2a11',
    listId: null,
    listName: 'Home',
    title: 'Sweep @noon',
    description: null,
    complete: true,
    completedAt: '2026-01-02T00:00:00.000Z',
    priority: 'low',
    tags: ['two words'],
    due: null,
    dueAt: null,
    createdAt: '2026-01-02T00:00:00.000Z',
    updatedAt: '2026-01-02T00:00:00.000Z',
    deletedAt: null,
  }
  const text = exportTodoist([task]).replace('task,"Sweep ""@noon"" @two_words",,3', 'task,Mop @two_words,,1')
  expect(importTodoist({ text, fileName: 'any.csv' }).tasks).toMatchObject([
    { id: task.id, title: 'Mop', complete: true, priority: 'urgent', tags: ['two words'], list: 'Home' },
  ])
})

test.each(['', 'a,b\n1,2', '{}', 'TYPE\ntask'])('%j is no Todoist file', (text) => {
  expect(() => importTodoist({ text, fileName: 'a.csv' })).toThrow(NotThisFormat)
})
