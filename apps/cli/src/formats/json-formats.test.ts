import { describe, expect, test } from 'vitest'
import { ids, load, messages } from './fixture.ts'
import { importGoogletasks } from './googletasks.ts'
import { importJson } from './json.ts'
import { NotThisFormat } from './types.ts'

describe('Google Tasks', () => {
  const imported = importGoogletasks(load('googletasks/takeout.json'))

  test('lists, notes, links and dates', () => {
    expect(imported.tasks).toMatchObject([
      { title: 'Sweep', list: 'Home', complete: false, due: { date: '2026-01-10' }, description: null },
      {
        title: 'Sweep',
        list: 'Home',
        complete: false,
        due: { date: '2026-01-10', time: '23:00', timeZone: 'UTC' },
        description: 'twice\nover\n\nLink: The mail https://example.org/m',
      },
      { title: 'Mop', list: 'Home', complete: true },
      { title: '(untitled)', list: 'Home', due: null },
      { title: 'Sweep', list: 'Second' },
    ])
  })

  test('an id that stands for several tasks gives each its own', () => {
    expect(new Set(ids(imported)).size).toBe(5)
    expect(ids(importGoogletasks(load('googletasks/takeout.json')))).toEqual(ids(imported))
  })

  test('notes what has no place', () => {
    expect(messages(imported)).toEqual([
      '-: "Gone": not imported: it is deleted in Google Tasks',
      '-: list "Second": not a task, left out: "not a task"',
      '-: list "Nothing here" has no tasks: not made',
      '-: due dates with a time (1) are kept as times in UTC: Google Tasks shows their dates only',
      '-: "Sweep": id "SAME" stands for 3 tasks here: not used',
      '-: "Sweep": updated 2026-01-10T03:46:42Z not kept: times are the service\'s own',
      '-: "Sweep": not kept: task_type "PERSONAL_TASK"; the service has no such fields',
      '-: "Sweep": id "SAME" stands for 3 tasks here: not used',
      '-: "Sweep": has a completed time but is not completed: left open',
      '-: "Sweep": created 2026-01-09T00:00:00Z, completed 2026-01-10T00:00:00Z not kept: times are the service\'s own',
      '-: "Mop": parent "SAME" not kept: the service has no sub-tasks',
      '-: "Mop": completed 2026-01-10T00:00:00Z not kept: times are the service\'s own',
      '-: "Mop": not kept: position "00001", hidden "true"; the service has no such fields',
      '-: "(untitled)": due "2026-02-31T00:00:00Z" not kept: there is no such date',
      '-: "(untitled)": status "odd" is not known: left open',
      '-: "(untitled)": the task has no title: called "(untitled)"',
      '-: "Sweep": id "SAME" stands for 3 tasks here: not used',
    ])
  })

  test('one list, as the API returns it, has no name', () => {
    expect(importGoogletasks(load('googletasks/one-list.json')).tasks).toMatchObject([
      { title: 'From the API', list: null, due: { date: '2026-01-10' } },
    ])
  })

  test.each(['', '{}', '[]', '{"kind":"calendar#events"}', '{"kind":"tasks#taskLists","items":['])(
    '%j is none of its files',
    (text) => {
      expect(() => importGoogletasks({ text, fileName: 'Tasks.json' })).toThrow(NotThisFormat)
    },
  )
})

describe('our own JSON', () => {
  const imported = importJson(load('json/list-all.json'))

  test('the array of list --all --json', () => {
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

  test('what is wrong or unknown in it is noted', () => {
    const notes = messages(imported)
    for (const said of [
      '-: not a task, left out: "7"',
      '-: "Sow": list 6a0f3f5e-3c58-4a6e-9a52-0d2b8f6f2b11 has no name in the file: goes to the inbox',
      '-: "Reap": priority "huge" not kept: it is not of the right kind',
      '-: "Reap": due "{"date":"2026-02-31"}" not kept: there is no such date, time or zone',
      '-: "Reap": not kept: mood "fine"; the service has no such fields',
      '-: "Mow": was in the trash since 2026-01-03T00:00:00.000Z: imported as a live task',
    ]) {
      expect(notes).toContain(said)
    }
  })

  test('a page of me.export names the lists', () => {
    expect(importJson(load('json/me-export.json')).tasks).toMatchObject([
      { title: 'Sow', list: 'Field' },
      { title: 'Reap', list: null },
    ])
  })

  test.each(['', ' ', '{}', '{"tasks":[{"a":1}]}', '{"tasks":'])('%j is none of ours', (text) => {
    expect(() => importJson({ text, fileName: 'a.json' })).toThrow(NotThisFormat)
  })
})
