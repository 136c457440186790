import { connectOnce, declaredMutations, MUTATION_ARGUMENTS } from '@taskwire/db'
import { createTestDatabase } from '@taskwire/db/testing'
import { expect, test } from 'vitest'
import { createCalls } from './router.ts'

test('each mutation’s function has the arguments that are declared, by name, type and place, and gives an answer', async () => {
  await using database = await createTestDatabase()
  await using admin = await connectOnce({ address: database.admin, applicationName: 'test' })
  // Each verb declares the function that it calls where it is read.
  createCalls()
  const declared = declaredMutations()
  expect(declared.length).toBeGreaterThan(0)
  for (const { name, arguments: own } of declared) {
    const found = await admin.sql<{ args: string; gives: string; volatile: boolean; definer: boolean }[]>`
      select pg_get_function_arguments(oid) as args, pg_get_function_result(oid) as gives, provolatile = 'v' as volatile, prosecdef as definer
      from pg_proc where pronamespace = 'tw'::regnamespace and proname = ${name}`
    const args = Object.entries({ ...MUTATION_ARGUMENTS, ...own }).map(([argument, type]) => `${argument} ${type}`)
    expect([name, ...found]).toEqual([
      name,
      { args: args.join(', '), gives: 'tw.answer', volatile: true, definer: false },
    ])
  }
})
