import { describe, expect, test } from 'vitest'
import { TASK_FIELDS } from './fields.ts'
import { LIMITS } from './limits.ts'
import {
  taskChanges,
  taskComplete,
  taskCreate,
  taskCreateMany,
  taskGet,
  taskMove,
  taskReference,
  taskUpdate,
} from './task.ts'
import { ID, issuesOf, messageOf, OTHER } from './testing/issues.ts'

describe('an input of tasks.create', () => {
  test('needs only a title, and gets no defaults', () => {
    expect(taskCreate.parse({ title: ' Buy milk ' })).toEqual({ title: 'Buy milk' })
    const full = {
      id: ID,
      title: 'x',
      description: null,
      listId: null,
      complete: true,
      priority: 'urgent',
      tags: ['a'],
      after: null,
      mutationId: ID,
      due: { date: '2026-11-22', time: '09:30', timeZone: 'Europe/Berlin' },
    }
    expect(taskCreate.parse(full)).toEqual(full)
    expect(
      taskCreate.parse({ title: 'x', due: null, description: '', listId: OTHER.toUpperCase(), after: OTHER }),
    ).toEqual({ title: 'x', due: null, description: '', listId: OTHER, after: OTHER })
  })

  test.each([
    [{}, 'title: is missing'],
    [{ title: null }, 'title: is not a string'],
    [{ title: ' ' }, 'title: is empty; give at least one character that is not a blank'],
    [{ title: 'x'.repeat(LIMITS.title + 1) }, 'title: is longer than 200 characters; shorten it'],
    [
      { title: 'x', description: 'x'.repeat(LIMITS.description + 1) },
      'description: is longer than 1000 characters; shorten it',
    ],
    [{ title: 'x', id: null }, 'id: is not a UUID'],
    [{ title: 'x', listId: 'inbox' }, 'listId: is not a UUID'],
    [{ title: 'x', after: 1 }, 'after: is not a UUID'],
    [{ title: 'x', mutationId: '' }, 'mutationId: is not a UUID'],
    [{ title: 'x', priority: 'top' }, "priority: is not one of 'none', 'low', 'medium', 'high', 'urgent'"],
    [{ title: 'x', priority: 4 }, "priority: is not one of 'none', 'low', 'medium', 'high', 'urgent'"],
    [{ title: 'x', complete: 1 }, 'complete: Invalid input: expected boolean, received number'],
    [{ title: 'x', tags: ['a', 'b\n\nc'] }, 'tags.1: holds a control character or a line break; remove it'],
    [{ title: 'x', tags: ['x'.repeat(LIMITS.tag + 1)] }, 'tags.0: is longer than 50 characters; shorten it'],
    [{ title: 'x', tags: Array.from({ length: 11 }, (_, i) => `${i}`) }, 'tags: holds more than 10 tags'],
    [{ title: 'x', tags: Array.from({ length: 51 }, () => 'a') }, 'tags: holds more than 50 tags'],
    [{ title: 'x', tags: null }, 'tags: Invalid input: expected array, received null'],
    [{ title: 'x', userId: ID }, ': Unrecognized key: "userId"'],
    [{ title: 'x', position: '80000000' }, ': Unrecognized key: "position"'],
    [JSON.parse('{"title":"x","__proto__":{"id":"y"}}'), ': Unrecognized key: "__proto__"'],
    [JSON.parse('{"title":"x","constructor":1}'), ': Unrecognized key: "constructor"'],
    [null, ': Invalid input: expected object, received null'],
    [[], ': Invalid input: expected object, received array'],
  ])('%j is refused', (value, message) => {
    expect(messageOf(taskCreate, value)).toBe(message)
  })

  test('tags are merged before they are counted', () => {
    const sent = [
      ...Array.from({ length: 10 }, (_, i) => `Tag ${i}`),
      ...Array.from({ length: 10 }, (_, i) => `tag ${i}`),
    ]
    expect(taskCreate.parse({ title: 'x', tags: sent }).tags).toEqual(sent.slice(0, 10))
    expect(taskCreate.parse({ title: 'x', tags: [' Home ', 'e\u0301', 'HOME', 'É'] }).tags).toEqual(['Home', 'é'])
  })

  test('up to 500 tasks are sent in one call, and issues name the task', () => {
    expect(taskCreateMany.parse({ tasks: [{ title: 'x' }], mutationId: ID })).toEqual({
      tasks: [{ title: 'x' }],
      mutationId: ID,
    })
    expect(messageOf(taskCreateMany, { tasks: [] })).toBe('tasks: is empty; give at least one task')
    expect(messageOf(taskCreateMany, { tasks: Array.from({ length: 501 }, () => ({ title: 'x' })) })).toBe(
      'tasks: holds more than 500 tasks; send them in parts',
    )
    expect(messageOf(taskCreateMany, { tasks: [{ title: 'x' }, { title: '', due: { date: 'x' } }] })).toBe(
      'tasks.1.title: is empty; give at least one character that is not a blank | tasks.1.due.date: is not a date that exists, written YYYY-MM-DD',
    )
    // Only the whole call has a mutation id.
    expect(messageOf(taskCreateMany, { tasks: [{ title: 'x', mutationId: ID }] })).toBe(
      'tasks.0: Unrecognized key: "mutationId"',
    )
  })
})

describe('a due date', () => {
  const due = (value: unknown): string => messageOf(taskCreate, { title: 'x', due: value })

  test.each([
    { date: '0001-01-01' },
    { date: '9999-12-31' },
    { date: '0001-01-03', time: '00:00', timeZone: 'Pacific/Kiritimati' },
    { date: '9999-12-29', time: '23:59', timeZone: 'Etc/GMT+12' },
    // The clocks skip or repeat this time: the database chooses the instant.
    { date: '2026-03-29', time: '02:30', timeZone: 'Europe/Berlin' },
    { date: '2026-10-25', time: '02:30', timeZone: 'Europe/Berlin' },
  ])('accepts %j', (value) => {
    expect(due(value)).toBe('valid')
  })

  test.each([
    [{}, 'due.date: is missing'],
    [{ date: '2023-02-29' }, 'due.date: is not a date that exists, written YYYY-MM-DD'],
    [{ date: '0000-12-31' }, 'due.date: is before the year 0001'],
    [{ date: '2026-11-22', time: '09:30' }, 'due: needs both time and timeZone, or neither for an all-day date'],
    [{ date: '2026-11-22', timeZone: 'UTC' }, 'due: needs both time and timeZone, or neither for an all-day date'],
    [
      { date: '0001-01-02', time: '23:59', timeZone: 'UTC' },
      'due.date: is not between 0001-01-03 and 9999-12-29, as required with a time',
    ],
    [
      { date: '9999-12-30', time: '00:00', timeZone: 'UTC' },
      'due.date: is not between 0001-01-03 and 9999-12-29, as required with a time',
    ],
    [{ date: '2026-11-22', time: '24:00', timeZone: 'UTC' }, 'due.time: is not a time of day, written HH:MM'],
    [{ date: '2026-11-22', time: '9:30', timeZone: 'UTC' }, 'due.time: is not a time of day, written HH:MM'],
    [{ date: '2026-11-22', time: '09:30:00', timeZone: 'UTC' }, 'due.time: is not a time of day, written HH:MM'],
    [{ date: '2026-11-22', time: '09:30\n', timeZone: 'UTC' }, 'due.time: is not a time of day, written HH:MM'],
    [
      { date: '2026-11-22', time: '09:30', timeZone: 'PST' },
      'due.timeZone: is not a time zone of the IANA database, such as Europe/Berlin',
    ],
    [{ date: '2026-11-22', zone: 'UTC' }, 'due: Unrecognized key: "zone"'],
    ['2026-11-22', 'due: Invalid input: expected object, received string'],
  ])('refuses %j', (value, message) => {
    expect(due(value)).toBe(message)
  })
})

describe('inputs that change one task', () => {
  test('changes need at least one field, and only fields that can be changed', () => {
    const all = { title: 'x', description: null, complete: false, priority: 'none', tags: [], due: null }
    expect(taskChanges.parse(all)).toEqual(all)
    for (const key of Object.keys(all))
      expect(taskChanges.safeParse({ [key]: Reflect.get(all, key) }).success).toBe(true)
    for (const empty of [{}, { title: undefined }])
      expect(messageOf(taskUpdate, { id: ID, changes: empty })).toBe(
        `changes: is empty; give at least one of ${Object.keys(TASK_FIELDS).join(', ')}, dueDate`,
      )
    for (const key of ['id', 'userId', 'listId', 'createdAt', 'completedAt', 'position', 'revision', 'deletedAt'])
      expect(issuesOf(taskUpdate, { id: ID, changes: { title: 'x', [key]: null } })).toEqual([
        `changes: Unrecognized key: "${key}"`,
      ])
    expect(messageOf(taskUpdate, { changes: { title: 'x' } })).toBe('id: is missing')
    expect(messageOf(taskUpdate, { id: ID, changes: { title: 'x' }, expectedRevision: -1 })).toBe(
      'expectedRevision: is below 0',
    )
  })

  test('every mutation of one task takes its id, an expected revision and a mutation id', () => {
    const on = { id: ID, expectedRevision: 3, mutationId: OTHER }
    expect(taskReference.parse(on)).toEqual(on)
    expect(taskComplete.parse(on)).toEqual({ ...on, complete: true })
    expect(taskComplete.parse({ ...on, complete: false })).toEqual({ ...on, complete: false })
    expect(taskMove.parse({ ...on, listId: null, after: null })).toEqual({ ...on, listId: null, after: null })
    // Without listId the task stays in its list; null is the inbox.
    expect(taskMove.parse({ id: ID })).toEqual({ id: ID })
    expect(messageOf(taskGet, { id: ID, mutationId: OTHER })).toBe(': Unrecognized key: "mutationId"')
    for (const schema of [taskReference, taskComplete, taskMove, taskGet])
      expect(messageOf(schema, {})).toBe('id: is missing')
  })
})
