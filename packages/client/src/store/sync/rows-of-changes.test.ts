import type { Change } from '@taskwire/contract/change'
import { expect, test } from 'vitest'
import { taskOf } from '../../testing/task-of.ts'
import { emptyRows, type Rows } from '../rows.ts'
import { rowsOfChanges } from './rows-of-changes.ts'

const task = taskOf({ revision: 5 })
function mirrorOf(): Rows {
  const rows = emptyRows()
  rows.task.set(task.id, task)
  return rows
}
const change = (revision: number, fields: Partial<Change>): Change => ({
  revision,
  commit: revision,
  at: '2026-11-28T10:00:00.000Z',
  mutationId: null,
  requestId: null,
  actor: { kind: 'user', userId: null, keyId: null },
  action: 'update',
  entity: 'task',
  entityId: task.id,
  before: {},
  after: {},
  ...fields,
})

test('Changes of one row add up, and those that the row has are skipped', () => {
  const changes = [
    change(4, { after: { title: 'old' } }),
    change(6, { after: { title: 'new' } }),
    change(7, { after: { complete: true } }),
  ]
  expect(rowsOfChanges(changes, mirrorOf())).toEqual([
    {
      entity: 'task',
      id: task.id,
      row: { ...task, title: 'new', complete: true, revision: 7, updatedAt: '2026-11-28T10:00:00.000Z' },
    },
  ])
})

test('a purged row is gone, and may be created again', () => {
  const purge = change(6, { action: 'purge', after: null })
  expect(rowsOfChanges([purge], mirrorOf())).toEqual([{ entity: 'task', id: task.id, row: null }])
  const created = change(7, { action: 'create', before: null, after: { ...task, title: 'again' } })
  expect(rowsOfChanges([purge, created], mirrorOf())).toMatchObject([{ row: { title: 'again', revision: 7 } }])
})

test('redacted Changes, those of other entities, and updates of rows that the mirror lacks are skipped', () => {
  const changes = [
    change(6, { redacted: true }),
    change(7, { entity: 'key' }),
    change(8, { entityId: 'unknown', after: { title: 'x' } }),
  ]
  expect(rowsOfChanges(changes, mirrorOf())).toEqual([])
})
