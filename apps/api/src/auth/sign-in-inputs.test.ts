import { LIMITS } from '@taskwire/contract'
import { afterEach, expect, test, vi } from 'vitest'
import { parseInput } from '../trpc/parse-input.ts'
import { createPasswordHashing } from './password-hashing.ts'
import { passwordChangeInput, signInInput } from './sign-in-inputs.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

const parsePassword = (password: string) => parseInput(signInInput, { email: 'ann@example.com', password })

test('all Unicode forms of a password are the same password', () => {
  for (const typed of ['pa\u00dfw\u00f6rter', 'pa\u00dfwo\u0308rter', '\uff50a\u00dfw\u00f6rter'])
    expect(parsePassword(typed).data?.password).toBe('pa\u00dfw\u00f6rter')
})

test('the length of a password is the number of code points of its normalised text', () => {
  const tooLong = 'is longer than 128 characters'
  // Three jamo are one syllable; one ligature is three letters.
  expect(parsePassword('\u1112\u1161\u11ab'.repeat(LIMITS.passwordMax)).data?.password).toBe('\ud55c'.repeat(128))
  expect(parsePassword('\ufb03'.repeat(43)).error?.issues.map(({ message }) => message)).toEqual([tooLong])
  const short = parseInput(passwordChangeInput, { currentPassword: '', newPassword: 'e\u0301'.repeat(7) })
  expect(short.error?.issues.map(({ message }) => message)).toEqual(['is shorter than 8 characters'])
})

test('a password cannot contain NUL, since the hash ignores trailing NULs', async () => {
  const passwords = createPasswordHashing({ N: 2, r: 1, p: 1 })
  expect(await passwords.verify('correct horse\0\0', await passwords.hash('correct horse'))).toBe(true)
  for (const typed of ['correct horse\0', '\0correct horse', 'correct\0horse'])
    expect(parsePassword(typed).error?.issues.map(({ message }) => message)).toEqual([
      'contains a NUL character; remove it',
    ])
  const padded = parseInput(passwordChangeInput, { currentPassword: 'x', newPassword: 'a'.padEnd(8, '\0') })
  expect(padded.success).toBe(false)
})

test('input that is too long is refused before it is normalised or matched', () => {
  const normalize = vi.spyOn(String.prototype, 'normalize')
  const marks = '\u0300\u0316'.repeat(2000)
  const { error } = parseInput(signInInput, { email: `a${marks}@example.com`, password: `a${marks}` })
  // If the e-mail address had been matched, it would be reported as invalid.
  expect(error?.issues.map(({ message }) => message)).toEqual([
    'is longer than 320 characters',
    'is longer than 128 characters',
  ])
  expect(normalize).not.toHaveBeenCalled()
})
