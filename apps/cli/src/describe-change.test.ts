import type { Change } from '@taskwire/client'
import { expect, test } from 'vitest'
import { describeChange } from './describe-change.ts'

const TASK = '01a20187-3b16-7027-be35-ce9a472a922b'
const LIST = '01a20187-2d4a-7151-8844-3401af021d50'
const names = {
  of: new Map([
    [TASK, 'Buy milk'],
    [LIST, 'Shopping'],
  ]),
  zone: 'UTC',
}

function change(changed: Partial<Change>): Change {
  return {
    revision: 5,
    commit: 5,
    at: '2026-11-22T09:30:00.000Z',
    mutationId: null,
    requestId: null,
    actor: { kind: 'user', userId: 'a user', keyId: null },
    action: 'update',
    entity: 'task',
    entityId: TASK,
    before: {},
    after: {},
    ...changed,
  }
}

test.each<[string, Partial<Change>]>([
  ['added "Oats" to "Shopping"', { action: 'create', before: null, after: { title: 'Oats', listId: LIST } }],
  ['added "Oats"', { action: 'create', before: null, after: { title: 'Oats', listId: null } }],
  [
    'added list "Shopping"',
    { action: 'create', entity: 'list', entityId: LIST, before: null, after: { name: 'Shopping' } },
  ],
  [
    'deleted list "Shopping"',
    { action: 'delete', entity: 'list', entityId: LIST, before: { name: 'Shopping' }, after: null },
  ],
  ['added key "CI"', { action: 'create', entity: 'key', before: null, after: { name: 'CI', scopes: ['account'] } }],
  ['revoked key "CI"', { action: 'delete', entity: 'key', before: { name: 'CI', scopes: ['account'] }, after: null }],
  [
    'changed the account: name "Ada" → "Zoë", timeZone "UTC" → "Asia/Tokyo"',
    { entity: 'account', before: { name: 'Ada', timeZone: 'UTC' }, after: { name: 'Zoë', timeZone: 'Asia/Tokyo' } },
  ],
  ['completed "Buy milk"', { action: 'complete', before: { complete: false }, after: { complete: true } }],
  [
    'completed "Buy milk": priority none → high',
    {
      action: 'complete',
      before: { complete: false, completedAt: null, priority: 'none' },
      after: { complete: true, completedAt: '2026-11-22T09:30:00.000Z', priority: 'high' },
    },
  ],
  [
    'moved list "Shopping"',
    { action: 'move', entity: 'list', entityId: LIST, before: { position: 'a' }, after: { position: 'b' } },
  ],
  ['moved "Buy milk" to "Shopping"', { action: 'move', before: { listId: null }, after: { listId: LIST } }],
  ['moved "Buy milk" to the inbox', { action: 'move', before: { listId: LIST }, after: { listId: null } }],
  ['moved "Buy milk" within its list', { action: 'move', before: { position: 'a' }, after: { position: 'b' } }],
  ['erased "Buy milk"', { action: 'purge', before: null, after: null }],
  ['trashed "Buy milk" (erased since)', { action: 'delete', before: {}, after: {}, redacted: true }],
  ['archived "Buy milk"', { action: 'archived' }],
  [
    'changed "Buy milk": priority none → high, tags none → a, b, due none → 2026-11-22 09:30',
    {
      before: { priority: 'none', tags: [], due: null, dueAt: null },
      after: {
        priority: 'high',
        tags: ['a', 'b'],
        due: { date: '2026-11-22', time: '09:30', timeZone: 'UTC' },
        dueAt: '2026-11-22T09:30:00.000Z',
      },
    },
  ],
  [
    `changed "Oats": title "Buy milk" → "Oats", description none → "${'x'.repeat(39)}…"`,
    { before: { title: 'Buy milk', description: null }, after: { title: 'Oats', description: 'x'.repeat(500) } },
  ],
])('%s', (description, changed) => {
  expect(describeChange(change(changed), names)).toBe(description)
})

test('a row without a known name is shown by its id', () => {
  expect(describeChange(change({ action: 'complete' }), { of: new Map(), zone: undefined })).toBe('completed 472a922b')
})
