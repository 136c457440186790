import { LIMITS } from '@taskwire/contract'
import { afterEach, expect, test, vi } from 'vitest'
import { parseInput } from '../trpc/parse-input.ts'
import { createPasswordHashing } from './password-hashing.ts'
import { passwordChangeInput, signInInput } from './sign-in-inputs.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

const given = (password: string) => parseInput(signInInput, { email: 'ann@example.com', password })

test('a password is the same however it is composed', () => {
  for (const typed of ['pa\u00dfw\u00f6rter', 'pa\u00dfwo\u0308rter', '\uff50a\u00dfw\u00f6rter'])
    expect(given(typed).data?.password).toBe('pa\u00dfw\u00f6rter')
})

test('the length is that of the normalised text, in code points', () => {
  const refusal = 'is longer than 128 characters'
  // Three jamo are one syllable; one ligature is three letters.
  expect(given('\u1112\u1161\u11ab'.repeat(LIMITS.passwordMax)).data?.password).toBe('\ud55c'.repeat(128))
  expect(given('\ufb03'.repeat(43)).error?.issues.map(({ message }) => message)).toEqual([refusal])
  const short = parseInput(passwordChangeInput, { currentPassword: '', newPassword: 'e\u0301'.repeat(7) })
  expect(short.error?.issues.map(({ message }) => message)).toEqual(['is shorter than 8 characters'])
})

test('a password holds no NUL: to the hash, those at its end are as if they were not there', async () => {
  const passwords = createPasswordHashing({ N: 2, r: 1, p: 1 })
  expect(await passwords.verify('correct horse\0\0', await passwords.hash('correct horse'))).toBe(true)
  for (const typed of ['correct horse\0', '\0correct horse', 'correct\0horse'])
    expect(given(typed).error?.issues.map(({ message }) => message)).toEqual(['holds a NUL character; remove it'])
  const padded = parseInput(passwordChangeInput, { currentPassword: 'x', newPassword: 'a'.padEnd(8, '\0') })
  expect(padded.success).toBe(false)
})

test('what is too long is refused before any of it is normalised or matched', () => {
  const normalize = vi.spyOn(String.prototype, 'normalize')
  const marks = '\u0300\u0316'.repeat(2000)
  const { error } = parseInput(signInInput, { email: `a${marks}@example.com`, password: `a${marks}` })
  // Of an address that was matched it would be said that it is none.
  expect(error?.issues.map(({ message }) => message)).toEqual([
    'is longer than 320 characters',
    'is longer than 128 characters',
  ])
  expect(normalize).not.toHaveBeenCalled()
})
