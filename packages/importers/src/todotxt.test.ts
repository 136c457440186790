import { describe, expect, test } from 'vitest'
import { ids, input, load, messages, stored, titles } from './testing/fixtures.ts'
import { exportTodotxt, importTodotxt } from './todotxt.ts'
import type { TaskDraft } from './types.ts'

function read(text: string): TaskDraft[] {
  return importTodotxt(input(text, 'todo.txt')).tasks
}

describe('marks at the start of a line', () => {
  const imported = importTodotxt(load('todotxt/odd-marks.txt'))
  const { tasks } = imported

  test.each([
    [1, 'X (A) Water the ferns', false, 'none'],
    [2, '(b) Sweep the porch', false, 'none'],
    [3, '(AAA) Charge the torch', false, 'none'],
    [4, '(B)->Post the letter', false, 'none'],
    [5, 'B) 2026-01-02 Mend the fence', false, 'none'],
    [6, 'X (B Find the spanner', false, 'none'],
    [7, 'x Marks the spot', false, 'urgent'],
    [8, 'xylophone lesson', false, 'none'],
    [9, 'Feed the hens', true, 'high'],
    [10, 'Oil the gate', true, 'medium'],
    [11, 'Call the vet', true, 'urgent'],
    [12, 'Empty the bins', true, 'none'],
    [13, 'Sort the nails', false, 'low'],
    [14, 'Dust the shelf', false, 'low'],
    [15, 'x', false, 'none'],
    [16, '2026-01-09 Two dates', false, 'none'],
    [17, '2026-02-30 No such day', false, 'none'],
    [18, 'Say it (A) in the middle', false, 'none'],
    [19, '# Garden', false, 'none'],
  ])('line %i is "%s", complete: %s, priority: %s', (line, title, complete, priority) => {
    expect(tasks[line - 1]).toMatchObject({ title, complete, priority, source: { line } })
  })

  test('values without a field are noted', () => {
    expect(messages(imported)).toEqual([
      '1 status: "X (A) Water the ferns": only a lower-case "x" means done: "X" stays in the title',
      '6 status: "X (B Find the spanner": only a lower-case "x" means done: "X" stays in the title',
      '9 creation-date: "Feed the hens": 2026-01-02',
      '9 completion-date: "Feed the hens": 2026-01-05',
      '10 completion-date: "Oil the gate": 2026-01-06',
      '11 creation-date: "Call the vet": 2026-01-03',
      '11 completion-date: "Call the vet": 2026-01-07',
      '13 priority: "Sort the nails": (V) became low',
      '16 creation-date: "2026-01-09 Two dates": 2026-01-08',
      '19 heading: "# Garden": todo.txt has no headings',
    ])
  })

  test('equal lines are separate tasks with stable ids', () => {
    const again = ids(importTodotxt(load('todotxt/odd-marks.txt')))
    expect(ids(imported)).toEqual(again)
    expect(new Set(again).size).toBe(21)
  })

  test('the id of a line does not depend on its position', () => {
    const moved = importTodotxt(input('Other\nPeel the apples', 'odd-marks.txt'))
    expect(moved.tasks[1]?.id).toBe(tasks[19]?.id)
  })
})

test('projects and contexts become the list and tags', () => {
  const { tasks } = importTodotxt(load('todotxt/projects-contexts.txt'))
  expect(tasks.map(({ title, list, tags }) => [title, list, ...tags])).toEqual([
    ['Ring the plumber', 'house', 'phone', 'home'],
    ['Plan the beds', 'garden', '+planning', 'home'],
    ['Lend +books to @robin before June', 'books', 'robin'],
    ['Paint @tools', null, 'shed', 'tools'],
    ['Ask ann@example.org for 2+2 and + or @ signs', null],
    ['@errands', null, 'errands'],
    ['+house @home', 'house', 'home'],
    ['Sow  two  rows', null, 'a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7', 'a8', 'a9', 'a10'],
  ])
})

test('keys other than due and pri stay in the title', () => {
  const imported = importTodotxt(load('todotxt/keys.txt'))
  expect(imported.tasks.map(({ title, due }) => [title, due])).toEqual([
    ['Pay the rent', { date: '2026-02-01' }],
    ['Pay the rent due:2026-02-32', null],
    ['Pay twice due:2026-03-01', { date: '2026-02-01' }],
    ['Pay some day due:today', null],
    ['Prune roses rec:1y t:2026-03-01 h:1 pm:2 created:2026-01-01', null],
    ['Read https://example.org/a:b note:chapter-3', null],
    ['Ratio 3:4 at 12:30', null],
    ['Two ranks pri:B', null],
  ])
  expect(messages(imported)).toEqual([
    '2 kept-as-words: "Pay the rent due:2026-02-32": "due:2026-02-32"',
    '3 kept-as-words: "Pay twice due:2026-03-01": "due:2026-03-01"',
    '4 kept-as-words: "Pay some day due:today": "due:today"',
    '5 kept-as-words: "Prune roses rec:1y t:2026-03-01 h:1 pm:2 created:2026-01-01": "rec:1y", "t:2026-03-01", "h:1"',
    '8 kept-as-words: "Two ranks pri:B": "pri:B"',
  ])
})

test('a byte-order mark, three kinds of line breaks, blank lines and tabs are accepted', () => {
  const imported = importTodotxt(load('todotxt/bom-crlf-blanks.txt'))
  expect(titles(imported)).toEqual(['First, with a BOM', 'With a tab inside', 'Old', 'Mac', 'Last, no line end'])
  expect(imported.tasks.map(({ source }) => source.line)).toEqual([1, 5, 6, 7, 9])
  expect(messages(imported)).toEqual(['5 characters: "With a tab inside": title: line breaks or tabs became spaces'])
})

test("Sleek's line break within a task separates title and description", () => {
  expect(importTodotxt(load('todotxt/inner-break.txt')).tasks).toMatchObject([
    {
      title: 'Pack the car',
      description: 'tent, stove\nmaps',
      due: { date: '2026-06-01' },
      list: 'trip',
      tags: ['test'],
    },
  ])
})

test('an empty file has no tasks', () => {
  expect(importTodotxt(input('', 'todo.txt'))).toEqual({ tasks: [], notes: [] })
})

describe('a title beyond the limit', () => {
  test('is kept in full in the description', () => {
    const text = `${'word '.repeat(45)}end`
    const [task] = read(text)
    expect(task).toMatchObject({ title: 'word '.repeat(40).trim(), description: text })
  })

  test('is cut in the description too if it does not fit there, and the lost text is noted', () => {
    const imported = importTodotxt(input('ä'.repeat(100_000), 'todo.txt'))
    expect(imported.tasks).toMatchObject([{ title: 'ä'.repeat(200), description: 'ä'.repeat(1000) }])
    expect(messages(imported).join()).toMatch(/title-cut: .*"ä{80}…" \(99000 characters\)/u)
  })
})

describe("Taskwire's own words", () => {
  const title = 'x (A) +p due:2020-01-01'
  const line = exportTodotxt([stored({ title, listName: 'Big house' })])

  test('follow words that other programs can read', () => {
    expect(line).toMatch(/^2026-01-02 x \(A\) "\+p" "due:2020-01-01" \+Big_house taskwire-id:/u)
    expect(read(line)).toMatchObject([{ title, list: 'Big house', due: null }])
  })

  test('are ignored after an edit in another program', () => {
    const edited = line.replace('x (A)', 'Do').replace('+Big_house', '+Small_house')
    expect(read(edited)).toMatchObject([
      { id: '6a0f3f5e-3c58-4a6e-9a52-0d2b8f6f2a11', title: 'Do "+p" "due:2020-01-01"', list: 'Small_house' },
    ])
  })

  test('are noted if they are invalid', () => {
    const imported = importTodotxt(input('Mow taskwire-due:%7B taskwire-tags:%E0 taskwire-odd:1', 'a'))
    expect(titles(imported)).toEqual(['Mow'])
    expect(messages(imported)).toHaveLength(3)
  })

  test('copied lines become separate tasks', () => {
    expect(new Set(read(line + line).map(({ id }) => id)).size).toBe(2)
  })
})

test.each([
  ['an iCalendar file', 'BEGIN:VCALENDAR\nEND:VCALENDAR', '--format icalendar'],
  ['JSON', '[{"description":"a","uuid":"b"}]', '--format taskwarrior'],
  ['binary data', '\0\u0001'.repeat(50), 'todo.txt file'],
])('%s is refused', (_, text, remedy) => {
  expect(() => read(text)).toThrow(remedy)
})
