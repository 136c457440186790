import { describe, expect, test } from 'vitest'
import { codeOf, DatabaseError, databaseError } from './errors.ts'

const coded = (code: string, more: object = {}) => Object.assign(new Error('select secret'), { code, ...more })

test.each([
  ['TW401', 'unauthenticated'],
  ['TW422', 'mutation_id_reused'],
  ['TW507', 'no_room'],
  ['23505', 'constraint'],
  ['23503', 'constraint'],
  ['57014', 'timeout'],
  ['55P03', 'overloaded'],
  // The server shuts down, starts, has no room, no disk, is a standby; a deadlock; an idle transaction.
  ['57P01', 'unavailable'],
  ['57P03', 'unavailable'],
  ['53300', 'unavailable'],
  ['53100', 'unavailable'],
  ['58030', 'unavailable'],
  ['25006', 'unavailable'],
  ['40P01', 'unavailable'],
  ['40001', 'unavailable'],
  ['25P03', 'unavailable'],
  ['25P04', 'unavailable'],
  ['08006', 'unavailable'],
  // A stale plan.
  ['0A000', 'unavailable'],
  ['26000', 'unavailable'],
  // The driver's, Node's and the slot's.
  ['CONNECTION_CLOSED', 'unavailable'],
  ['CONNECTION_DESTROYED', 'unavailable'],
  ['CONNECT_TIMEOUT', 'unavailable'],
  ['ECONNREFUSED', 'unavailable'],
  ['ECONNRESET', 'unavailable'],
  ['EPIPE', 'unavailable'],
  ['ENOTFOUND', 'unavailable'],
  // Faults of ours.
  ['22012', 'internal'],
  ['22P02', 'internal'],
  ['25P02', 'internal'],
  ['42501', 'internal'],
  ['42P01', 'internal'],
  ['XX000', 'internal'],
  ['TW999', 'internal'],
  // Of several meanings, and the message is of none.
  ['TW403', 'internal'],
  ['TW404', 'internal'],
  ['', 'internal'],
])('%s is %s', (code, fault) => {
  const cause = coded(code)
  const error = databaseError(cause)
  expect(error).toBeInstanceOf(DatabaseError)
  expect(error).toMatchObject({ fault, cause })
  expect(error.message).not.toContain('secret')
})

describe('the details', () => {
  test.each([
    ['TW403', 'acting', 'forbidden_acting'],
    ['TW403', 'scope', 'forbidden_scope'],
    ['TW403', 'user unknown', 'user_unknown'],
    ['TW404', 'space', 'space_not_found'],
    // The message counts of these codes alone.
    ['TW401', 'space', 'unauthenticated'],
    ['23505', 'space', 'constraint'],
  ])('%s with the message %s is %s', (code, message, fault) => {
    const cause = Object.assign(new Error(message), { code })
    expect(databaseError(cause)).toMatchObject({ fault, cause })
  })

  test('which constraint', () => {
    expect(databaseError(coded('23505', { constraint_name: 'tasks_pkey' })).constraint).toBe('tasks_pkey')
  })

  test('when to try again', () => {
    for (const code of ['55P03', '57P01', 'ECONNREFUSED'])
      expect(databaseError(coded(code)).retryAfterMs).toBeGreaterThan(0)
    for (const code of ['TW401', '23505', 'XX000']) expect(databaseError(coded(code)).retryAfterMs).toBeUndefined()
  })

  test('what is one already stays as it is', () => {
    const error = new DatabaseError('timeout', 'late')
    expect(databaseError(error)).toBe(error)
  })

  test.each([undefined, null, 'text', 7, {}, { code: 7 }, new TypeError('wrong')])(
    'anything else is ours: %s',
    (cause) => {
      expect(databaseError(cause)).toMatchObject({ fault: 'internal', cause })
      expect(codeOf(cause)).toBe('')
    },
  )
})
