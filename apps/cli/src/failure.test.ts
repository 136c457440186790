import { describe, expect, test } from 'vitest'
import { remedyOfForbidden } from './failure.ts'

const SIGN_IN = 'taskwire login you@example.com'

describe('the remedy for a call that a credential does not allow', () => {
  test.each([
    ['a key of a user', { TASKWIRE_TOKEN: 'tw_key_x' }, `Unset TASKWIRE_TOKEN and sign in: ${SIGN_IN}`],
    ['a service key', { TASKWIRE_TOKEN: 'tw_service_x' }, 'Set TASKWIRE_USER to the id of the user to act for.'],
    [
      'a service key with a user',
      { TASKWIRE_TOKEN: 'tw_service_x', TASKWIRE_USER: 'an id' },
      `Unset TASKWIRE_TOKEN and TASKWIRE_USER and sign in: ${SIGN_IN}`,
    ],
    [
      'a key of a user with another user',
      { TASKWIRE_TOKEN: 'tw_key_x', TASKWIRE_USER: 'an id' },
      'Unset TASKWIRE_USER: it sends X-Taskwire-User.',
    ],
    ['a session with a user', { TASKWIRE_USER: 'an id' }, 'Unset TASKWIRE_USER: it sends X-Taskwire-User.'],
  ])('with %s', (_name, env, expected) => {
    expect(remedyOfForbidden(env, 'taskwire')).toBe(expected)
  })
})
