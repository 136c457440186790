import { connectOnce, declaredMutations, MUTATION_ARGUMENTS } from '@taskwire/db'
import { createTestDatabase } from '@taskwire/db/testing'
import { expect, test } from 'vitest'
import { createCallables } from './router.ts'

test('each mutation function has the declared arguments, in this order, and returns tw.answer', async () => {
  await using database = await createTestDatabase()
  await using admin = await connectOnce({ address: database.admin, applicationName: 'test' })
  // Importing the verbs declares their functions.
  createCallables()
  const declared = declaredMutations()
  expect(declared.length).toBeGreaterThan(0)
  for (const { name, arguments: own } of declared) {
    const found = await admin.sql<{ args: string; returns: string; volatile: boolean; definer: boolean }[]>`
      select pg_get_function_arguments(oid) as args, pg_get_function_result(oid) as returns, provolatile = 'v' as volatile, prosecdef as definer
      from pg_proc where pronamespace = 'tw'::regnamespace and proname = ${name}`
    const args = Object.entries({ ...MUTATION_ARGUMENTS, ...own }).map(([argument, type]) => `${argument} ${type}`)
    expect([name, ...found]).toEqual([
      name,
      { args: args.join(', '), returns: 'tw.answer', volatile: true, definer: false },
    ])
  }
})
