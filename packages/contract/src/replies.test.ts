import { describe, expect, test } from 'vitest'
import { contract } from './contract.ts'
import { change, key, task } from './testing/rows.ts'

describe('replies', () => {
  const parses = (reply: object): boolean => contract.tasks.get.output.safeParse(reply).success
  test('times have milliseconds and are in UTC', () => {
    for (const time of [
      '2026-11-22T09:30:00Z',
      '2026-11-22T09:30:00.123456Z',
      '2026-11-22T09:30:00.000+00:00',
      '2026-11-22 09:30:00.000Z',
      1,
    ])
      for (const field of ['createdAt', 'updatedAt', 'deletedAt', 'completedAt', 'dueAt'])
        expect([field, parses({ ...task, [field]: time })]).toEqual([field, false])
  })

  test('are not checked against limits', () => {
    expect(
      parses({ ...task, title: 'x'.repeat(5000), tags: Array.from({ length: 50 }, () => 'x'), position: 'anything' }),
    ).toBe(true)
  })

  test('open sets accept unknown values', () => {
    const newer = {
      ...change,
      action: 'archive',
      entity: 'project',
      actor: { ...change.actor, kind: 'robot' },
      redacted: undefined,
    }
    expect(contract.changes.list.output.safeParse({ changes: [newer], head: 1, nextAfter: 1 }).success).toBe(true)
    expect(
      contract.keys.list.output.safeParse({ items: [{ ...key, scopes: ['everything'] }], nextCursor: null }).success,
    ).toBe(true)
    expect(contract.system.health.output.safeParse({ status: 'tired', version: '2' }).success).toBe(true)
    expect(parses({ ...task, priority: 'top' })).toBe(false)
  })
})
