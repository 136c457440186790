import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')

it('uses the same versions of shared dependencies as Taskwire', () => {
  const catalog = new Map(
    [...read('../../pnpm-workspace.yaml').matchAll(/^ {2}'?([@\w/.-]+)'?: (\S+)$/gm)].map(([, name, version]) => [
      name,
      version,
    ]),
  )
  const { dependencies } = JSON.parse(read('../package.json')) as { dependencies: Record<string, string> }
  const shared = Object.entries(dependencies).filter(([name]) => catalog.has(name))
  expect(shared.map(([name]) => name)).toEqual(
    expect.arrayContaining(['@trpc/server', 'drizzle-orm', 'fastify', 'postgres', 'zod']),
  )
  for (const [name, version] of shared) expect(`${name} ${version}`).toBe(`${name} ${catalog.get(name)}`)
})
