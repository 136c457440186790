import { expect, test } from 'vitest'
import { passwordProblem } from './change-password.ts'

test.each([
  [{ status: 400, retryAfter: null, code: 'INVALID_PASSWORD' }, 'The current password is wrong.'],
  [{ status: 401, retryAfter: null, code: 'UNAUTHENTICATED' }, 'Your session has ended. Sign in again.'],
  [{ status: 429, retryAfter: '180', code: 'RATE_LIMITED' }, 'Too many attempts. Try again in 3 minutes.'],
  [
    {
      status: 400,
      retryAfter: null,
      code: 'VALIDATION',
      fields: [{ path: 'newPassword', message: 'is shorter than 8 characters' }],
    },
    'The new password is shorter than 8 characters.',
  ],
  [{ status: 502, retryAfter: null }, 'The service cannot change the password at the moment. Try again later.'],
  [
    { status: 404, retryAfter: null },
    'The password was not changed: the service replied with status 404. Reload the page, and try again.',
  ],
])('%j', (reply, expected) => {
  expect(passwordProblem(reply)).toBe(expected)
})
