import type { Change } from '@taskwire/contract/change'
import { expect, test } from 'vitest'
import { isChangeOf } from './index.ts'

const changeOf = (entity: string): Change => ({
  revision: 1,
  commit: 1,
  at: '2026-11-22T09:30:00.000Z',
  mutationId: null,
  requestId: null,
  actor: { kind: 'user', userId: null, keyId: null },
  action: 'create',
  entity,
  entityId: 'a',
  before: null,
  after: {},
})

test('isChangeOf is true only for the entity of the Change', () => {
  for (const entity of ['task', 'list', 'account', 'key'] as const) {
    expect(isChangeOf(changeOf(entity), entity)).toBe(true)
    expect(isChangeOf(changeOf('webhook'), entity)).toBe(false)
  }
  expect(isChangeOf(changeOf('list'), 'task')).toBe(false)
})
