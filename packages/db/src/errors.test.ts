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
  // The server shuts down, starts, has no connections or disk space, is a standby; a deadlock; an idle transaction.
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
  // Codes of the driver, of Node and of the pooled connection.
  ['CONNECTION_CLOSED', 'unavailable'],
  ['CONNECTION_DESTROYED', 'unavailable'],
  ['CONNECT_TIMEOUT', 'unavailable'],
  ['ECONNREFUSED', 'unavailable'],
  ['ECONNRESET', 'unavailable'],
  ['EPIPE', 'unavailable'],
  ['ENOTFOUND', 'unavailable'],
  // Defects of the service.
  ['22012', 'internal'],
  ['22P02', 'internal'],
  ['25P02', 'internal'],
  ['42501', 'internal'],
  ['42P01', 'internal'],
  ['XX000', 'internal'],
  ['TW999', 'internal'],
  // A code with several meanings, and an unknown message.
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
    // The message matters for these codes only.
    ['TW401', 'space', 'unauthenticated'],
    ['23505', 'space', 'constraint'],
  ])('%s with the message %s is %s', (code, message, fault) => {
    const cause = Object.assign(new Error(message), { code })
    expect(databaseError(cause)).toMatchObject({ fault, cause })
  })

  test('a constraint error has the name of the constraint', () => {
    expect(databaseError(coded('23505', { constraint_name: 'tasks_pkey' })).constraint).toBe('tasks_pkey')
  })

  test('a transient error has a delay for the retry', () => {
    for (const code of ['55P03', '57P01', 'ECONNREFUSED'])
      expect(databaseError(coded(code)).retryAfterMs).toBeGreaterThan(0)
    for (const code of ['TW401', '23505', 'XX000']) expect(databaseError(coded(code)).retryAfterMs).toBeUndefined()
  })

  test('a DatabaseError is returned unchanged', () => {
    const error = new DatabaseError('timeout', 'late')
    expect(databaseError(error)).toBe(error)
  })

  test.each([undefined, null, 'text', 7, {}, { code: 7 }, new TypeError('wrong')])(
    'anything else is an internal fault: %s',
    (cause) => {
      expect(databaseError(cause)).toMatchObject({ fault: 'internal', cause })
      expect(codeOf(cause)).toBe('')
    },
  )
})
