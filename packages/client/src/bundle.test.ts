import { join } from 'node:path'
import { expect, test } from 'vitest'
import { bundle } from '../scripts/bundle.ts'

test('the whole client is under 15 kB in a browser, without code of the server or its schemas', async () => {
  const { code, gzipped, modules } = await bundle(join(import.meta.dirname, 'index.ts'))
  for (const name of ['createClient', 'failureOf', 'signIn', 'signOut', 'signUp']) expect(code).toContain(name)
  expect(gzipped).toBeLessThan(15_000)
  expect(code).not.toMatch(/zod|drizzle|postgres|fastify|better-auth|node:|process\.env/i)
  const packages = modules.map((file) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? 'of the workspace')
  expect([...new Set(packages)].sort()).toEqual(['@trpc/client', '@trpc/server', 'of the workspace', 'uuid'])
  expect(modules.filter((file) => /\/src\/(store\/|store-provider|react)/.test(file))).toEqual([])
})

test('the store and the hooks together are under 25 kB in a browser, without React and without schemas', async () => {
  const { code, gzipped } = await bundle(join(import.meta.dirname, 'testing/store-and-hooks.ts'))
  for (const name of ['openStore', 'TaskwireProvider', 'useTasks']) expect(code).toContain(name)
  expect(gzipped).toBeLessThan(25_000)
  expect(code).not.toMatch(/zod|node:|process\.env/i)
})
