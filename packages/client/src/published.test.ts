import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createFrontEnd, type FrontEnd } from '../scripts/front-end.ts'
import type { Compiler } from '../scripts/tsc.ts'
import { PAGE, pageOfProcedures, QUERIES_PAGE, STORE_PAGE } from '../scripts/type-cost.ts'
import type * as Client from './index.ts'
import { echo, fakeFetch } from './testing/fake-fetch.ts'

let frontEnd: FrontEnd
beforeAll(async () => {
  frontEnd = await createFrontEnd()
})
afterAll(async () => {
  await frontEnd[Symbol.asyncDispose]()
})

/** Returns every file that the declarations of an entry import, and every other package that they name. */
async function declarations(entry: string): Promise<{ files: Map<string, string>; packages: Set<string> }> {
  const files = new Map<string, string>()
  const packages = new Set<string>()
  const contract = frontEnd.packageOf('@taskwire/contract')
  const open = [join(frontEnd.packageOf('@taskwire/client'), `dist/${entry}.d.ts`)]
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (files.has(file)) continue
    const text = await readFile(file, 'utf8')
    files.set(file, text)
    for (const [, name = ''] of text.matchAll(/(?:from |import\()["']([^"']+)["']/g)) {
      const own = /^@taskwire\/contract\/(.+)$/.exec(name)?.[1]
      if (own !== undefined) open.push(join(contract, 'dist', `${own}.d.ts`))
      else if (name.startsWith('.')) open.push(join(file, '..', name.replace(/\.js$/, '.d.ts')))
      else packages.add(name)
    }
  }
  return { files, packages }
}

test('the declarations import no package but zod: nothing of tRPC, Drizzle, Fastify, postgres or the API', async () => {
  const { files, packages } = await declarations('index')
  expect(files.size).toBeGreaterThan(10)
  expect([...packages].sort()).toEqual(['zod'])
  const code = [...files.values()].join('\n').replaceAll(/\/\*.*?\*\//gs, '')
  expect(code).not.toMatch(/drizzle|fastify|postgres|better-auth|@taskwire\/(api|db)|apps\//i)
})

test('the declarations of the store and of the hooks import no other package but React', async () => {
  expect([...(await declarations('store')).packages].sort()).toEqual(['zod'])
  expect([...(await declarations('react')).packages].sort()).toEqual(['react', 'zod'])
})

test('the published files contain no test, no source and no source map', async () => {
  for (const name of ['client', 'contract']) {
    const files = await readdir(join(frontEnd.packageOf(`@taskwire/${name}`), 'dist'), { recursive: true })
    expect(files).toContain('index.js')
    const published = /^([a-z]+\/)*([a-z-]+(\.d\.ts|\.js)|store|query|sync)$/
    expect(files.filter((file) => !published.test(file))).toEqual([])
  }
})

// The goal is at most 300,000 instantiations with 100 procedures. These bounds are far lower, so that the tests also
// notice if tRPC rewrites an output, or if a source is checked instead of its declarations.
test('type-checking a front end is cheap', async () => {
  const { instantiations } = await frontEnd.check(PAGE)
  expect(instantiations).toBeGreaterThan(100)
  expect(instantiations).toBeLessThan(2000)
})

test('type-checking a page with the store and the hooks is cheap', async () => {
  const { instantiations } = await frontEnd.check(STORE_PAGE)
  expect(instantiations).toBeGreaterThan(100)
  expect(instantiations).toBeLessThan(5000)
})

test('type-checking a front end stays cheap with 100 procedures', async () => {
  const { instantiations } = await frontEnd.check(pageOfProcedures(100))
  expect(instantiations).toBeGreaterThan(1000)
  expect(instantiations).toBeLessThan(10_000)
})

// These check zod's declarations too, in a page without Node's types and in a Node program without the DOM's.
// scripts/check-package.ts checks every combination before a release.
test.each<[Compiler, Record<string, unknown>]>([
  ['typescript-5.9', { moduleResolution: 'bundler', lib: ['es2022', 'dom'] }],
  ['typescript', { moduleResolution: 'node16', module: 'node16', lib: ['es2022'], types: ['node'] }],
])('every declaration is valid by %s with %j', { timeout: 120_000 }, async (compiler, options) => {
  await frontEnd.check(PAGE, { ...options, target: 'es2022', skipLibCheck: false }, compiler)
})

test('the declarations of the store and of the hooks are valid', async () => {
  await frontEnd.check(STORE_PAGE, { lib: ['es2022', 'dom'], target: 'es2022', skipLibCheck: false })
  const wrong = STORE_PAGE.replace('edits.complete(task.id)', 'edits.complete(task)')
  await expect(frontEnd.check(wrong)).rejects.toThrow(/page\.ts.* error TS2345: .*'Task'/)
})

test('the options for TanStack Query are typed', async () => {
  await frontEnd.check(QUERIES_PAGE)
  const wrong = QUERIES_PAGE.replace('mutate({ title })', 'mutate({ name: title })')
  await expect(frontEnd.check(wrong)).rejects.toThrow(/page\.ts.* error TS2353: .*'name'/)
})

test('a wrong type is an error', async () => {
  const wrong = PAGE.replace('title: task.title', 'title: 1')
  await expect(frontEnd.check(wrong, { module: 'nodenext', moduleResolution: 'nodenext' })).rejects.toThrow(
    /^[^\n]*errors:\n[^\n]*page\.ts[^\n]* error TS2322: Type 'number' is not assignable to type 'string'\.\nFiles:/,
  )
})

test('the published JavaScript runs', async () => {
  const entry = join(frontEnd.packageOf('@taskwire/client'), 'dist/index.js')
  const client = (await import(pathToFileURL(entry).href)) as typeof Client
  const { fetch } = fakeFetch(echo)
  const { tasks } = client.createClient({ url: 'http://service', fetch })
  expect(await tasks.get.query({ id: 'a' })).toEqual({ echo: { id: 'a' } })
})
