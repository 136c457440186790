import { describe, expect, test } from 'vitest'
import { ids, input, load, messages, stored, titles } from './testing/fixtures.ts'
import { exportTodoist, importTodoist } from './todoist.ts'
import { NotThisFormat } from './types.ts'

describe('a full export', () => {
  const imported = importTodoist(load('todoist/Moving house [2203306141].csv'))
  const { tasks } = imported

  test('project, sections, labels and comments are read', () => {
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

  test('priority 1 is the highest', () => {
    const wanted = ['none', 'urgent', 'high', 'medium', 'none', 'none', 'none', 'high']
    expect(tasks.map(({ priority }) => priority)).toEqual(wanted)
  })

  test('dates are kept, including those in English words', () => {
    expect(tasks.map(({ due }) => due)).toEqual([
      null,
      { date: '2026-05-04' },
      null,
      { date: '2026-05-02', time: '09:00', timeZone: 'Europe/London' },
      { date: '2026-05-04', time: '09:30', timeZone: 'Europe/London' },
      null,
      { date: '2026-05-04', time: '10:00', timeZone: 'Etc/GMT-1' },
      { date: '2026-05-04', time: '06:00', timeZone: 'America/New_York' },
    ])
  })

  test('line numbers count blank rows and line breaks in cells', () => {
    expect(tasks.map(({ source }) => source.line)).toEqual([4, 6, 11, 12, 14, 15, 18, 19])
  })

  test('values without a field are noted', () => {
    expect(messages(imported)).toEqual([
      '2 left-out: meta "view_style=list"',
      '3 left-out: note "A comment on the project"',
      '5 section: section "Packing"',
      '16 field: section "Empty": RESPONSIBLE "Ann (1)"',
      '16 empty-list: section "Empty"',
      '17 field: section "Paper": DURATION "Europe/London"',
      '17 section: section "Paper"',
      '20 left-out: odd "What is this"',
      '3 people: AUTHOR "Ann (1)" of 5 rows',
      '6 people: "**Books**, all of them": RESPONSIBLE "Bob (2)"',
      '6 field: "**Books**, all of them": DURATION "30"',
      '6 field: "**Books**, all of them": DURATION_UNIT "minute"',
      '6 in-description: "**Books**, all of them": "First comment"',
      '6 in-description: "**Books**, all of them": "Second, comment"',
      '11 recurrence: "Novels": "every 4 weeks"',
      '11 parent: "Novels": of "**Books**, all of them @heavy @books"',
      '12 relative-date: "Thrillers": "tomorrow at 9" is 2026-05-02 09:00',
      '12 parent: "Thrillers": of "Novels"',
      '15 due-as-text: "* Not to be ticked": "2026-02-30"',
      '18 unreadable: "@errands": PRIORITY "5" is not 1 to 4',
      '18 zone: "@errands": "GMT +1:00" is read as Etc/GMT-1',
      '19 due-time: "Say "hello"": "2026-05-04T10:00:30Z"',
    ])
  })
})

test('the old header with DUE_DATE is read, also with blank lines and a repeated label', () => {
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

test('rows may be shorter or longer than the header', () => {
  const imported = importTodoist(load('todoist/short-header.csv'))
  expect(titles(imported)).toEqual(['Short', 'Shorter', 'Longer'])
  expect(messages(imported)).toContain('6 field: "Longer": column 8 "surplus"')
})

test('a deadline is the due date of a task without a date', () => {
  const imported = importTodoist(load('todoist/deadlines.csv'))
  expect(imported.tasks.map(({ due }) => due)).toEqual([{ date: '2026-07-01' }, { date: '2026-06-01' }])
  expect(messages(imported)).toEqual([
    '2 deadline: "Only a deadline": DEADLINE "2026-07-01"',
    '3 field: "Date and deadline": META "x=1"',
    '3 field: "Date and deadline": DEADLINE "2026-07-01"',
  ])
})

test('semicolons may replace commas', () => {
  expect(importTodoist(load('todoist/semicolons.csv')).tasks).toMatchObject([{ title: 'One, two', priority: 'urgent' }])
})

test('a header alone has no tasks', () => {
  expect(importTodoist(load('todoist/header-only.csv'))).toEqual({ tasks: [], notes: [] })
})

test('an unclosed quote damages only its own row', () => {
  const imported = importTodoist(load('todoist/damaged-quote.csv'))
  expect(titles(imported)).toEqual(['Whole', 'Never closed,,4,1,,,,,,,', 'After it'])
  expect(messages(imported)[0]).toContain('damaged: the CSV is read line by line')
})

test('the project Inbox is the inbox, and ids do not depend on the folder', () => {
  const { text } = load('todoist/semicolons.csv')
  const inbox = importTodoist(input(text, 'Inbox [1].csv'))
  expect(inbox.tasks[0]?.list).toBeNull()
  expect(ids(importTodoist(input(text, 'elsewhere/Inbox [1].csv')))).toEqual(ids(inbox))
})

test('an edit in a spreadsheet wins over the TASKWIRE column', () => {
  const task = stored({
    listName: 'Home',
    title: 'Sweep @noon',
    complete: true,
    completedAt: '2026-01-02T00:00:00.000Z',
    priority: 'low',
    tags: ['two words'],
  })
  const text = exportTodoist([task]).replace('task,"Sweep ""@noon"" @two_words",,3', 'task,Mop @two_words,,1')
  expect(importTodoist(input(text, 'any.csv')).tasks).toMatchObject([
    { id: task.id, title: 'Mop', complete: true, priority: 'urgent', tags: ['two words'], list: 'Home' },
  ])
})

test.each(['', 'a,b\n1,2', '{}', 'TYPE\ntask'])('%j is not a Todoist file', (text) => {
  expect(() => importTodoist(input(text, 'a.csv'))).toThrow(NotThisFormat)
})
