import { setImmediate as turn } from 'node:timers/promises'
import type { Vouched } from '@taskwire/db'
import { expect, test } from 'vitest'
import { AppError } from '../errors.ts'
import { ForgedProof, vouchedUser } from '../auth/vouched-user.ts'
import { createCredentialLookups, type CredentialLookups } from './credential-lookups.ts'

const createLookups = (): CredentialLookups =>
  createCredentialLookups({
    // Checks of proofs use none of these.
    database: { read: async () => await Promise.reject(new Error('Not expected')) },
    userOf: () => undefined,
    spaceOf: () => undefined,
    learn() {},
  })

/** The user of a valid proof. */
const user = vouchedUser({ externalId: 'a' }) as Vouched

async function refuse(lookups: CredentialLookups, times: number, error: AppError): Promise<void> {
  for (let nr = 0; nr < times; nr++)
    await expect(lookups.check('a', async () => await Promise.reject(error))).rejects.toBe(error)
}

/** Starts ten checks; returns how many run at once. */
async function countAtOnce(lookups: CredentialLookups, network: string): Promise<number> {
  const started: PromiseWithResolvers<Vouched>[] = []
  const check = async (): Promise<Vouched> => {
    const one = Promise.withResolvers<Vouched>()
    started.push(one)
    return await one.promise
  }
  const all = Array.from({ length: 10 }, async () => await lookups.check(network, check))
  await turn()
  const atOnce = started.length
  // Each check that ends starts the next one.
  for (let nr = 0; nr < all.length; nr++) {
    started[nr]?.resolve(user)
    await turn()
  }
  expect(await Promise.all(all)).toEqual(all.map(() => user))
  return atOnce
}

test('after 100 forged proofs, those of the same network are checked two at a time', async () => {
  const lookups = createLookups()
  await refuse(lookups, 99, new ForgedProof('forged', undefined))
  expect(await countAtOnce(lookups, 'a')).toBe(10)
  await refuse(lookups, 1, new ForgedProof('forged', undefined))
  expect(await countAtOnce(lookups, 'a')).toBe(2)
  expect(await countAtOnce(lookups, 'b')).toBe(10)
})

test('refusals of proofs that were not made up, such as an expired token, are not counted', async () => {
  const lookups = createLookups()
  await refuse(lookups, 200, new AppError('UNAUTHENTICATED', 'expired'))
  expect(await countAtOnce(lookups, 'a')).toBe(10)
})
