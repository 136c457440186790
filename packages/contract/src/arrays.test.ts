/// <reference lib="esnext.temporal" />
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { contract } from './contract.ts'
import type { AnyProcedure } from './procedure.ts'
import { LIMITS } from './limits.ts'
import { arrayOf, paging } from './values.ts'

fc.configureGlobal({ seed: Number(process.env['TASKWIRE_SEED']) })

const messageOf = (schema: z.ZodType, value: unknown): string | undefined =>
  schema
    .safeParse(value)
    .error?.issues.map((issue) => issue.message)
    .join('; ')

describe('arrays', () => {
  const schema = arrayOf(z.string(), { min: 1, max: 3, tooFew: 'is empty', tooMany: 'holds more than 3' })

  test('of an allowed length are accepted, and nothing else', () => {
    expect(schema.parse(['a', 'b', 'c'])).toEqual(['a', 'b', 'c'])
    expect(messageOf(schema, [])).toBe('is empty')
    for (const other of ['abc', { length: 2 }, null, undefined]) expect(schema.safeParse(other).success).toBe(false)
  })

  test('that are too long are refused before any item is parsed', () => {
    const parsed = vi.fn<() => boolean>(() => true)
    const items = arrayOf(z.unknown().refine(parsed), { max: 3, tooMany: 'holds more than 3' })
    expect(items.safeParse([1, 2, 3]).success).toBe(true)
    expect(parsed).toHaveBeenCalledTimes(3)
    expect(messageOf(items, [1, 2, 3, 4])).toBe('holds more than 3')
    expect(parsed).toHaveBeenCalledTimes(3)
  })

  // zod's own max() would parse all items first.
  test('of the contract are all made by arrayOf()', () => {
    const bare: string[] = []
    const visit = (schema: z.core.$ZodType, path: string, counted: boolean): void => {
      const { def } = schema._zod
      if (def.type === 'array' && !counted) bare.push(path)
      for (const [name, value] of Object.entries(def)) {
        const isCounted = def.type === 'pipe' && name === 'out'
        for (const [at, inner] of Object.entries(name === 'shape' ? (value as object) : [value].flat()))
          if (inner instanceof z.core.$ZodType)
            visit(inner, name === 'shape' ? `${path}.${at}` : path, isCounted || (counted && name === 'innerType'))
      }
    }
    for (const [namespace, table] of Object.entries(contract))
      for (const [name, { input }] of Object.entries<AnyProcedure>(table)) visit(input, `${namespace}.${name}`, false)
    expect(bare).toEqual([])
  })
})

describe('pages', () => {
  test('have 1 to 100 items, 50 by default', () => {
    expect(paging.limit.parse(undefined)).toBe(LIMITS.page.default)
    for (const n of [1, 100]) expect(paging.limit.parse(n)).toBe(n)
    expect(messageOf(paging.limit, 0)).toBe('is below 1')
    expect(messageOf(paging.limit, 101)).toBe('is above 100')
    for (const n of [1.5, '10', null]) expect(messageOf(paging.limit, n)).toBe('is not a whole number')
  })

  test('a cursor is a string of bounded length, or null', () => {
    expect(paging.cursor.parse(null)).toBeNull()
    expect(paging.cursor.parse('x'.repeat(LIMITS.cursor))).toHaveLength(LIMITS.cursor)
    for (const cursor of ['', 'x'.repeat(LIMITS.cursor + 1), 1])
      expect(messageOf(paging.cursor, cursor)).toBe('is not a cursor of an earlier reply')
  })
})
