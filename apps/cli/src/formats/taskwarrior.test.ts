import { describe, expect, test } from 'vitest'
import { load, messages, titles } from './fixture.ts'
import { importTaskwarrior } from './taskwarrior.ts'
import { NotThisFormat } from './types.ts'

describe('an export', () => {
  const imported = importTaskwarrior(load('taskwarrior/export.json'))
  const { tasks } = imported

  test('attributes have their place where there is one', () => {
    expect(tasks).toMatchObject([
      {
        id: '6a0f3f5e-3c58-4a6e-9a52-0d2b8f6f2a11',
        title: 'Book the hall',
        description: '[2026-01-01 10:16] ask for the key\nno date',
        list: 'Party.Place',
        tags: ['phone', 'big day'],
        priority: 'high',
        due: { date: '2026-03-01', time: '12:00', timeZone: 'UTC' },
      },
      {
        id: '6a0f3f5e-3c58-4a6e-9a52-0d2b8f6f2a12',
        title: 'Send cards',
        complete: false,
        priority: 'low',
        tags: ['mail', 'shop'],
      },
      { title: 'Bake', complete: true, priority: 'none', due: null },
      { title: 'Water plants', due: { date: '2026-03-01', time: '12:00', timeZone: 'UTC' } },
      { title: 'Template alone', complete: false },
      { title: 'With a ticket', description: 'jiraurl: https://example.org/T-1' },
      { title: 'Bad id' },
      { title: '[2026-01-01 10:16] a text' },
    ])
  })

  test('and are noted where there is none', () => {
    const notes = messages(imported)
    for (const said of [
      '5: "Thrown away": not imported: it is deleted in Taskwarrior',
      '6: "Water plants": not imported: it is the template of a recurring task (weekly), whose instances are imported',
      '2: "Book the hall": created 2026-01-01T10:15:00Z, modified 2026-01-02T10:15:00Z not kept: times are the service\'s own',
      '2: "Book the hall": not kept: id "1", urgency "9.1"; the service has no such fields',
      '3: "Send cards": due 2026-03-01T12:00:59Z: the seconds are not kept',
      '3: "Send cards": depends "6a0f3f5e-3c58-4a6e-9a52-0d2b8f6f2a11" not kept: the service has no dependencies',
      '3: "Send cards": wait "2026-02-01T00:00:00Z" not kept: the service has no waiting tasks',
      '3: "Send cards": scheduled "2026-02-02T00:00:00Z" not kept: the service has no start dates',
      '4: "Bake": priority "X" not kept: it is none of H, M, L',
      '4: "Bake": due "20260231T000000Z" not kept: there is no such date',
      '4: "Bake": depends "6a0f3f5e-3c58-4a6e-9a52-0d2b8f6f2a11, 6a0f3f5e-3c58-4a6e-9a52-0d2b8f6f2a12" not kept: the service has no dependencies',
      '8: "Template alone": recur "monthly" not kept: the service has no repeating tasks',
      '9: "With a ticket": not kept: id "8", jiraid "T-1", estimate "3"; the service has no such fields',
      '10: "Bad id": id "6a0f3f5e-3c58-4a6e-9a52-0d2b8f6f2axy" is not a UUID: made one from it',
      '11: "[2026-01-01 10:16] a text": status "odd" is not known: left open',
    ]) {
      expect(notes).toContain(said)
    }
  })

  test('a uuid that is none gives the same id again', () => {
    const again = importTaskwarrior(load('taskwarrior/export.json')).tasks
    expect(again[6]?.id).toBe(tasks[6]?.id)
    expect(tasks[6]?.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8/u)
  })
})

test('one object over several lines', () => {
  expect(importTaskwarrior(load('taskwarrior/one-object.ndjson')).tasks).toMatchObject([
    { title: 'Seul, en français', description: 'Source: file.md' },
  ])
})

test('a task that comes at each change counts as it was last', () => {
  const imported = importTaskwarrior(load('taskwarrior/backlog.data'))
  expect(imported.tasks).toMatchObject([
    { title: 'Paint it', complete: true, due: null, source: { line: 4 } },
    { title: 'Plaster', source: { line: 2 } },
  ])
  expect(messages(imported)).toEqual([
    '-: earlier states of tasks that come more than once not kept, the last one is taken: "Paint it" (2)',
  ])
})

test('objects that can be read are, whatever stands between them', () => {
  const imported = importTaskwarrior(load('taskwarrior/damaged.json'))
  expect(titles(imported)).toEqual(['Whole', 'Tab inside'])
  expect(messages(imported)).toEqual([
    '3: not readable as JSON, left out: "{"description":"Broken,"status":"pending"},"',
    '6: not readable as JSON, left out: "{"description":"Cut o"',
    '5: not a task, left out: "{"weather":"fine"}"',
    '4: "Tab inside": the JSON holds bare control characters: they became blanks',
  ])
})

test('objects parted by commas, without brackets, as old versions wrote them', () => {
  const text = '{"description":"a","status":"pending"},\n{"description":"b","status":"pending"}\n'
  expect(titles(importTaskwarrior({ text, fileName: 'a' }))).toEqual(['a', 'b'])
})

test('an empty array holds no tasks', () => {
  expect(importTaskwarrior({ text: '[]\n', fileName: 'a.json' })).toEqual({ tasks: [], notes: [] })
})

test('the store itself is refused with the way to export it', () => {
  expect(() => importTaskwarrior(load('taskwarrior/pending.data'))).toThrow(
    "This is not a Taskwarrior JSON file: it is Taskwarrior's own store, not an export. Write one with: task export > tasks.json",
  )
})

test.each(['', 'hello', '{}', '{"title":"a"}', '[1,2]'])('%j is no export', (text) => {
  expect(() => importTaskwarrior({ text, fileName: 'a.json' })).toThrow(NotThisFormat)
})
