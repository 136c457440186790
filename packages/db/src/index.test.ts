import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import * as db from './index.ts'

const source = readFileSync(new URL('index.ts', import.meta.url), 'utf8')
const modules = [...source.matchAll(/^export \* from '(.+)'$/gm)].map(([, path = '']) => path)

// An explicit export hides an export of the same name by `export *`, without a compiler error.
test.each(modules)('the package exports everything of %s unchanged', async (path) => {
  const own = (await import(path)) as Record<string, unknown>
  expect(Object.keys(own).filter((name) => Reflect.get(db, name) !== own[name])).toEqual([])
})

describe('sql', () => {
  const { prepare, sql, statement } = db
  // Excluded by the types, but possible at run time, for example from an optional field.
  const nothing = undefined as unknown as string

  test('throws for undefined, in each position and within another part', () => {
    expect(() => statement(sql`select ${nothing}`)).toThrow(/^Parameter 1 is undefined/)
    expect(() => statement(sql`select ${1}, ${sql`${'a'} || ${nothing}`}`)).toThrow(/^Parameter 3 is undefined/)
    expect(() => prepare(() => sql`select ${nothing}`)).toThrow(/holds a value/)
  })

  test('every parameter of a statement is checked before it is sent', () => {
    for (const wrong of [Number.NaN, new Date(0), {}] as unknown as string[]) {
      expect(() => statement(sql`select ${'a'}, ${wrong}`)).toThrow(/^Parameter 2 is /)
      expect(() => prepare<'x'>((p) => sql`select ${p('x')}`).with({ x: wrong })).toThrow(/^Parameter 1 is /)
    }
  })
})
