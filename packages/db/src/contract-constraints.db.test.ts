import { accountName, keyCreate, LIMITS, listCreate, tagText, taskCreate, textKey } from '@taskwire/contract'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Constraints, createConstraints, type Row, type Table } from './testing/constraints.ts'
import { BLANKS, CONTROLS, UNSTORABLE, text, storable, isOfNewer } from './testing/texts.ts'
import { drawFromSeed, SEED } from './testing/seed.ts'

drawFromSeed(200)

let constraints: Constraints
let refusal: Constraints['refusal']
beforeAll(async () => {
  constraints = await createConstraints()
  ;({ refusal } = constraints)
})
afterAll(async () => await constraints[Symbol.asyncDispose]())

interface Parsed {
  success: boolean
  data?: unknown
}
interface Field {
  max: number
  table: Table
  /** Parses an input with this text; `data` is the text in the result. */
  parse(value: string): Parsed
  column(value: string): Row
}
const pick = (result: { success: boolean; data?: object | undefined }, name: string): Parsed =>
  result.success ? { success: true, data: Reflect.get(result.data ?? {}, name) } : { success: false }

const FIELDS: Record<string, Field> = {
  title: {
    max: LIMITS.title,
    table: 'tw.tasks',
    parse: (title) => pick(taskCreate.safeParse({ title }), 'title'),
    column: (title) => ({ title }),
  },
  description: {
    max: LIMITS.description,
    table: 'tw.tasks',
    parse: (description) => pick(taskCreate.safeParse({ title: 'x', description }), 'description'),
    column: (description) => ({ description }),
  },
  tag: {
    max: LIMITS.tag,
    table: 'tw.tasks',
    parse: (tag) => tagText.safeParse(tag),
    column: (tag) => ({ tags: [tag], tag_keys: [textKey(tag)] }),
  },
  'list name': {
    max: LIMITS.listName,
    table: 'tw.lists',
    parse: (name) => pick(listCreate.safeParse({ name }), 'name'),
    column: (name) => ({ name, name_key: textKey(name) }),
  },
  'key name': {
    max: LIMITS.keyName,
    table: 'tw.api_keys',
    parse: (name) => pick(keyCreate.safeParse({ name, scopes: ['account'] }), 'name'),
    column: (name) => ({ name }),
  },
  'service key name': {
    max: LIMITS.keyName,
    table: 'tw.service_keys',
    parse: (name) => pick(keyCreate.safeParse({ name, scopes: ['tasks:read'] }), 'name'),
    column: (name) => ({ name }),
  },
  'account name': {
    max: LIMITS.accountName,
    table: 'auth.users',
    parse: (name) => accountName.safeParse(name),
    column: (name) => ({ name }),
  },
}

describe(`contract and constraints agree (seed ${SEED})`, () => {
  test.each(Object.entries(FIELDS))(
    '%s: the database accepts exactly what the contract leaves unchanged',
    async (_name, field) => {
      await fc.assert(
        fc.asyncProperty(text(field.max, UNSTORABLE), async (raw) => {
          const parsed = field.parse(raw)
          if (!storable(raw)) {
            expect(parsed.success).toBe(false)
            return
          }
          if (parsed.success) expect(await refusal(field.table, field.column(String(parsed.data)))).toBeNull()
          if (!isOfNewer(raw))
            expect((await refusal(field.table, field.column(raw))) === null).toBe(parsed.success && parsed.data === raw)
        }),
      )
    },
  )

  test.each(Object.entries(FIELDS))(
    '%s: contract and database have the same limits, in code points',
    async (name, { max, table, parse, column }) => {
      for (const one of ['a', '😀', 'é', '\u{10ffff}']) {
        expect(parse(one.repeat(max)).success).toBe(true)
        expect(await refusal(table, column(one.repeat(max)))).toBeNull()
        expect(parse(one.repeat(max + 1)).success).toBe(false)
        expect(await refusal(table, column(one.repeat(max + 1)))).not.toBeNull()
      }
      // Twice as many code points until normalised.
      expect(parse('e\u0301'.repeat(max))).toMatchObject({ success: true, data: 'é'.repeat(max) })
      expect(await refusal(table, column('e\u0301'.repeat(max / 2)))).not.toBeNull()
      const empty = name === 'description'
      expect(parse('').success).toBe(empty)
      expect((await refusal(table, column(''))) === null).toBe(empty)
    },
  )

  test.each(Object.entries(FIELDS))(
    '%s: blanks at the ends, control characters, and halves of surrogate pairs',
    async (name, { table, parse, column }) => {
      const line = name !== 'description'
      for (const blank of BLANKS)
        for (const raw of [`${blank}x`, `x${blank}`, blank]) {
          expect(parse(raw)).toMatchObject(
            line
              ? raw === blank
                ? { success: false }
                : { success: true, data: 'x' }
              : { success: true, data: raw.normalize('NFC') },
          )
          if (line) expect(await refusal(table, column(raw))).not.toBeNull()
        }
      for (const control of CONTROLS) {
        expect(parse(`x${control}y`).success).toBe(!line)
        expect((await refusal(table, column(`x${control}y`))) === null).toBe(!line)
      }
      for (const raw of UNSTORABLE)
        for (const at of [raw, `x${raw}`, `${raw}x`, `x${raw}y`]) expect(parse(at).success).toBe(false)
    },
  )
})
