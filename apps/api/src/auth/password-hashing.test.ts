import { expect, test } from 'vitest'
import { createPasswordHashing } from './password-hashing.ts'

const PASSWORD = 'correct horse battery'

test('the parameters are those that OWASP recommends for 16 MiB', async () => {
  const passwords = createPasswordHashing()
  const hash = await passwords.hash(PASSWORD)
  const [kind, N, r, p] = hash.split('$')
  // OWASP lists these parameters for N = 2^14.
  expect([kind, Number(N), Number(r), Number(p)]).toEqual(['scrypt', 2 ** 14, 8, 5])
  expect(128 * Number(N) * Number(r)).toBe(16 * 1024 * 1024)
  expect(await passwords.verify(PASSWORD, hash)).toBe(true)
  expect(await passwords.verify(`${PASSWORD} `, hash)).toBe(false)
  expect(passwords.isCurrent(hash)).toBe(true)
})

test('a hash with other parameters is verified with its own parameters, and is not current', async () => {
  const older = await createPasswordHashing({ N: 16, r: 2, p: 1 }).hash(PASSWORD)
  const passwords = createPasswordHashing({ N: 32, r: 1, p: 1 })
  expect(await passwords.verify(PASSWORD, older)).toBe(true)
  expect(await passwords.verify('wrong horse', older)).toBe(false)
  expect(passwords.isCurrent(older)).toBe(false)
})

test('each hash has its own salt', async () => {
  const passwords = createPasswordHashing({ N: 2, r: 1, p: 1 })
  expect(await passwords.hash(PASSWORD)).not.toBe(await passwords.hash(PASSWORD))
})

test('a malformed hash is an error', async () => {
  const passwords = createPasswordHashing()
  for (const stored of ['', 'hello', 'argon2id$1$1$1$YQ==$YQ==', 'scrypt$2$1$1$YQ==$YQ=='])
    await expect(passwords.verify(PASSWORD, stored)).rejects.toThrow('A stored password hash is malformed')
})
