import { createNote, type Note, type TaskDraft, type Uploaded } from '@taskwire/importers'
import { describe, expect, test } from 'vitest'
import { detailsOf, failedResult, groupsOf, resultOf, summaryOf, totalOf } from './report.ts'

const FILE = { file: 'todo.txt', format: 'todotxt' as const }

function task(line: number, label: string, id = `${line}`): TaskDraft {
  const source = { line, label }
  return {
    id,
    title: label,
    description: null,
    complete: false,
    priority: 'none',
    tags: [],
    due: null,
    list: null,
    source,
  }
}

function uploaded(imported: readonly TaskDraft[], rest: Partial<Uploaded> = {}): Uploaded {
  return { imported: new Set(imported.map(({ id }) => id)), existing: [], refused: [], ...rest }
}

const parent = (line: number, label: string): Note =>
  createNote('parent', { line, label, detail: `under line ${line}` })

describe('notes', () => {
  const [one, two] = [task(1, '"one"'), task(2, '"two"')]
  const encoding = createNote('encoding', { detail: 'read as Windows-1252' })
  const leftOut = createNote('deleted', { line: 3, label: '"gone"', detail: 'status:deleted' })
  const notes = [encoding, parent(1, '"one"'), parent(2, '"two"'), leftOut]

  test('cover the tasks imported in this run, and the file', () => {
    const result = resultOf(
      { ...FILE, tasks: [one, two], notes },
      uploaded([two], { existing: [{ task: one, state: 'same' }] }),
    )
    expect(result.notes).toEqual([encoding, parent(2, '"two"'), leftOut])
  })

  test('cover only refused tasks if nothing was imported', () => {
    const refused = createNote('refused', { ...two.source, detail: 'erased not long ago' })
    const there = { existing: [{ task: one, state: 'same' as const }], refused: [refused] }
    expect(resultOf({ ...FILE, tasks: [one, two], notes }, uploaded([], there)).notes).toEqual([refused])
  })

  test('on damage outside of any task are reported in every run', () => {
    const cut = createNote('unreadable', { line: 3, detail: '{"id":' })
    const end = createNote('damaged', { line: 1, detail: 'END:VCALENDAR is missing' })
    const there = uploaded([], { existing: [one, two].map((task) => ({ task, state: 'same' })) })
    const damagedTask = createNote('damaged', { line: 1, label: '"one"', detail: 'END:VTODO is missing' })
    expect(resultOf({ ...FILE, tasks: [one, two], notes: [...notes, cut, end, damagedTask] }, there).notes).toEqual([
      cut,
      end,
    ])
  })

  test('are complete for a file without tasks', () => {
    expect(resultOf({ ...FILE, tasks: [], notes: [leftOut] }, uploaded([])).notes).toEqual([leftOut])
  })

  test('are complete with --details', () => {
    const there = uploaded([], { existing: [one, two].map((task) => ({ task, state: 'same' })) })
    expect(resultOf({ ...FILE, tasks: [one, two], notes }, there, true).notes).toEqual(notes)
  })

  test('on two tasks with the same title are distinguished by their lines', () => {
    const twins = [task(1, '"one"', 'a'), task(2, '"one"', 'b')] as const
    const found = resultOf(
      { ...FILE, tasks: twins, notes: [parent(1, '"one"'), parent(2, '"one"')] },
      uploaded([twins[1]], { existing: [{ task: twins[0], state: 'same' }] }),
    )
    expect(found.notes).toEqual([parent(2, '"one"')])
  })
})

describe('the printed report', () => {
  const tasks = Array.from({ length: 50 }, (_, index) => task(index + 1, `"task ${index + 1}"`))
  const result = resultOf(
    {
      ...FILE,
      tasks,
      notes: [
        createNote('modified', { line: 1, label: '"task 1"', detail: '2026-01-01' }),
        ...tasks.slice(2, 46).map(({ source }) => createNote('parent', { ...source, detail: `under ${source.label}` })),
        createNote('due', { line: 7, label: '"task 7"', detail: '2026-02-30' }),
      ],
    },
    uploaded(tasks, {
      refused: [
        createNote('refused', { line: 48, label: '"task 48"', detail: 'erased' }),
        createNote('refused', { line: 49, label: '"task 49"', detail: 'title is too long' }),
        createNote('refused', { line: 50, label: '"task 50"', detail: 'erased' }),
      ],
    }),
  )

  test('has a line for each kind, losses first', () => {
    expect(groupsOf(result).map(({ loss, text }) => `${loss}: ${text}`)).toEqual([
      'lost: todo.txt: 2 tasks were refused by the service: erased (lines 48 and 50)',
      'lost: todo.txt: 1 task was refused by the service: title is too long (line 49)',
      'lost: todo.txt: 44 sub-tasks became tasks of their own (lines 3, 4, 5 and 41 more)',
      'lost: todo.txt: 1 due date cannot be kept: 2026-02-30 (line 7)',
      'info: todo.txt: 1 time of the last change is not kept: 2026-01-01 (line 1)',
    ])
  })

  test('has a line for each note with --details', () => {
    const lines = detailsOf(result).map(({ text }) => text)
    expect(lines).toHaveLength(result.notes.length)
    expect(lines).toContain('todo.txt:3: "task 3": sub-task became a task of its own: under "task 3"')
    expect(lines.at(-1)).toBe('todo.txt:1: "task 1": time of the last change is not kept: 2026-01-01')
  })

  test('sums up files', () => {
    const [a, b] = [task(1, '"a"'), task(2, '"b"')]
    const again = resultOf(
      { ...FILE, tasks: [a, b], notes: [] },
      uploaded([], {
        existing: [
          { task: a, state: 'repeated', file: 'other.txt' },
          { task: b, state: 'same' },
        ],
      }),
    )
    expect(summaryOf(result)).toBe('todo.txt (todotxt): 50 imported, 0 already there, 3 left out, 49 notes')
    expect(summaryOf(again)).toBe('todo.txt (todotxt): 0 imported, 2 already there (1 also in an earlier file)')
    expect(detailsOf(again).map(({ text }) => text)).toEqual(['todo.txt:1: "a": already imported from other.txt'])
    expect(totalOf([result, again, failedResult('c', 'c: there is no such file')])).toBe(
      '3 files: 50 imported, 2 already there (1 also in an earlier file), 3 left out, 1 file failed',
    )
  })

  test('has no control characters, and cuts long details', () => {
    const odd = resultOf(
      {
        ...FILE,
        tasks,
        notes: [createNote('title-cut', { line: 1, label: '"\u001b[31m"', detail: 'x'.repeat(1000) })],
      },
      uploaded(tasks),
    )
    const texts = [...groupsOf(odd), ...detailsOf(odd)].map(({ text }) => text)
    expect(texts.join('')).not.toContain('\u001b')
    expect(texts[0]?.length).toBeLessThan(200)
  })
})
