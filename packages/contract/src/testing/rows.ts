import type { Task } from '../task.ts'

// One row of each kind, as callers see it.
export const ID = '0190b1a0-0000-7000-8000-00000000000f'
export const AT = '2026-11-22T09:30:00.000Z'
export const task: Task = {
  id: ID,
  spaceId: ID,
  userId: ID,
  listId: null,
  title: 'Buy milk',
  description: null,
  complete: false,
  completedAt: null,
  priority: 'none',
  tags: [],
  due: { date: '2026-11-22', time: '10:30', timeZone: 'Europe/Berlin' },
  dueAt: AT,
  position: '80000000',
  revision: 1,
  createdAt: AT,
  updatedAt: AT,
  deletedAt: null,
}
export const list = { id: ID, name: 'Home', position: '80000000', revision: 2, createdAt: AT, updatedAt: AT }
export const change = {
  revision: 1,
  commit: 1,
  at: AT,
  mutationId: null,
  requestId: null,
  actor: { kind: 'user', userId: ID, keyId: null },
  action: 'create',
  entity: 'task',
  entityId: ID,
  before: null,
  after: { ...task },
  redacted: false,
}
export const account = { id: ID, email: 'a@example.com', name: 'Ada', timeZone: 'UTC', externalId: null, createdAt: AT }
export const user = { ...account, email: null, externalId: 'user|1', disabled: false }
export const key = { id: ID, name: 'Key', scopes: ['tasks:read'], spaceId: null, createdAt: AT, expiresAt: null }
