import { textKey } from '@taskwire/contract'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { connectLogins } from './testing/logins.ts'
import { drawFromSeed, SEED } from './testing/seed.ts'

drawFromSeed(100)

const logins = await connectLogins()
const { app } = logins
afterAll(() => logins[Symbol.asyncDispose]())

const value = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.integer(),
  fc.string({ unit: 'grapheme', maxLength: 3 }).filter((s) => !s.includes('\u0000')),
  fc.constant([]),
  fc.constant(['a']),
  fc.constant({ date: '2026-01-01' }),
  fc.constant({ date: '2026-01-01', time: '10:00' }),
)
const record = fc.record({ title: value, tags: value, due: value, revision: value, updatedAt: value, position: value })
type Shape = Record<string, unknown>
/** Fields that every change sets. */
const ALWAYS_SET = new Set(['revision', 'updatedAt'])

describe(`differences() and holds() (seed ${SEED})`, () => {
  test('differences() returns exactly the fields that differ, with both values', async () => {
    await fc.assert(
      fc.asyncProperty(record, record, async (was: Shape, now: Shape) => {
        const [row] = await app<
          { d: { before: Shape; after: Shape } }[]
        >`select tw.differences(${JSON.stringify(was)}::text::json, ${JSON.stringify(now)}::text::json) d`
        const names = Object.keys(now).filter(
          (name) => !ALWAYS_SET.has(name) && JSON.stringify(was[name]) !== JSON.stringify(now[name]),
        )
        expect(row?.d).toEqual({
          before: Object.fromEntries(names.map((name) => [name, was[name]])),
          after: Object.fromEntries(names.map((name) => [name, now[name]])),
        })
      }),
    )
  })

  test('holds() is true while each field has the value that the change set', async () => {
    await fc.assert(
      fc.asyncProperty(
        record,
        fc.subarray(Object.keys({ title: 0, tags: 0, due: 0, revision: 0, updatedAt: 0, position: 0 })),
        fc.option(fc.tuple(fc.constantFrom('title', 'due', 'tags', 'revision'), value)),
        async (now: Shape, names, other) => {
          const after: Shape = Object.fromEntries(names.map((name) => [name, now[name]]))
          if (other !== null) after[other[0]] = other[1]
          const holds = Object.keys(after).every(
            (name) => ALWAYS_SET.has(name) || JSON.stringify(after[name]) === JSON.stringify(now[name]),
          )
          expect(
            await app`select tw.holds(${JSON.stringify(now)}::text::json, ${JSON.stringify(after)}::text::jsonb, null) h`,
          ).toEqual([{ h: holds }])
        },
      ),
    )
  })
})

describe('known_key()', () => {
  test('returns the contract’s key: computed for ASCII, looked up for other texts', async () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'Z', '_', '@', '[', 'É', 'ß', 'İ', 'Σ', '𐐀'), maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(text, async (given) => {
        const keys = JSON.stringify({ [given]: 'given' })
        const [row] = await app<{ known: string | null; given: string }[]>`
          select tw.known_key(${given}, '{}') as known, tw.known_key(${given}, ${keys}::text::jsonb) as given`
        const isAscii = /^[\u0001-\u007f]*$/.test(given)
        expect(row).toEqual(
          isAscii ? { known: textKey(given), given: textKey(given) } : { known: null, given: 'given' },
        )
      }),
    )
  })
})
