import { describe, expect, test } from 'vitest'
import { TASK_FIELDS } from './fields.ts'
import { taskBulk } from './task-filter.ts'
import { ID, messageOf, OTHER } from './testing/issues.ts'

describe('an input of tasks.bulk', () => {
  const action = { type: 'delete' }
  test.each([
    { ids: [ID, OTHER], action },
    { ids: [ID], action: { type: 'update', changes: { complete: true } }, dryRun: true },
    { filter: { complete: true }, action: { type: 'move', listId: null }, maxAffected: 10_000, timeZone: 'UTC' },
    { filter: { listId: null }, action: { type: 'restore' }, maxAffected: 1 },
    { filter: { search: 'x', trash: 'only' }, action: { type: 'purge' }, maxAffected: 5, mutationId: ID },
    { filter: { due: 'today' }, action: { type: 'complete', complete: true }, maxAffected: 5 },
    // Emptying the trash, or restoring all of it.
    { filter: { trash: 'only' }, action: { type: 'purge' }, maxAffected: 5 },
    { filter: { trash: 'only' }, action: { type: 'restore' }, maxAffected: 5 },
  ])('%j is accepted', (value) => {
    expect(taskBulk.parse(value)).toEqual(value)
  })

  test.each([
    [{ action }, ': needs exactly one of ids and filter'],
    [{ ids: [ID], filter: { complete: true }, maxAffected: 1, action }, ': needs exactly one of ids and filter'],
    [{ filter: { complete: true }, action }, 'maxAffected: is required with filter'],
    [
      { filter: {}, maxAffected: 1, action },
      "filter: needs a field other than trash; only to restore or purge, trash: 'only' is enough",
    ],
    ...[{ search: '' }, { search: ' \u3000', trash: 'only' as const }, { trash: 'with' as const }].map(
      (filter): [object, string] => [
        { filter, maxAffected: 1, action },
        "filter: needs a field other than trash; only to restore or purge, trash: 'only' is enough",
      ],
    ),
    [
      { filter: { trash: 'with' }, maxAffected: 1, action: { type: 'purge' } },
      "filter: needs a field other than trash; only to restore or purge, trash: 'only' is enough",
    ],
    [
      { filter: { search: '' }, maxAffected: 1, action: { type: 'purge' } },
      "filter: needs a field other than trash; only to restore or purge, trash: 'only' is enough",
    ],
    [
      { filter: { trash: 'only' }, maxAffected: 1, action },
      "filter: needs a field other than trash; only to restore or purge, trash: 'only' is enough",
    ],
    [
      { filter: { complete: undefined }, maxAffected: 1, action },
      "filter: needs a field other than trash; only to restore or purge, trash: 'only' is enough",
    ],
    [{ ids: [], action }, 'ids: is empty; give at least one id'],
    [{ ids: [ID, ID.toUpperCase()], action }, 'ids: names a task twice'],
    [{ ids: ['x'], action }, 'ids.0: is not a UUID'],
    [{ ids: [ID] }, "action: must be one of the actions 'update', 'complete', 'move', 'delete', 'restore', 'purge'"],
    [
      { ids: [ID], action: {} },
      "action.type: must be one of the actions 'update', 'complete', 'move', 'delete', 'restore', 'purge'",
    ],
    [
      { ids: [ID], action: { type: 'archive' } },
      "action.type: must be one of the actions 'update', 'complete', 'move', 'delete', 'restore', 'purge'",
    ],
    [
      { ids: [ID], action: { type: 'complete' } },
      'action.complete: Invalid input: expected boolean, received undefined',
    ],
    [{ ids: [ID], action: { type: 'move' } }, 'action.listId: is missing'],
    [
      { ids: [ID], action: { type: 'update', changes: {} } },
      `action.changes: is empty; give at least one of ${Object.keys(TASK_FIELDS).join(', ')}, dueDate`,
    ],
    [{ ids: [ID], action: { type: 'delete', listId: null } }, 'action: Unrecognized key: "listId"'],
    [{ ids: [ID], action, maxAffected: 0 }, 'maxAffected: is below 1'],
    [{ ids: [ID], action, maxAffected: 10_001 }, 'maxAffected: is above 10000'],
    [{ ids: [ID], action, timeZone: 'x' }, 'timeZone: is not a time zone of the IANA database, such as Europe/Berlin'],
  ])('%j is refused', (value, message) => {
    expect(messageOf(taskBulk, value)).toBe(message)
  })

  test('more than 500 ids are refused', () => {
    const ids = Array.from({ length: 501 }, (_, i) => `0190b1a0-0000-7000-8000-${String(i).padStart(12, '0')}`)
    expect(messageOf(taskBulk, { ids, action })).toBe('ids: holds more than 500 ids; send them in parts')
    expect(messageOf(taskBulk, { ids: ids.slice(1), action })).toBe('valid')
  })
})
