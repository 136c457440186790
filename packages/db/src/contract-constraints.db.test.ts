import { accountName, keyCreate, LIMITS, tagText, textKey } from '@taskwire/contract'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Constraints, createConstraints, type Row } from './testing/constraints.ts'
import { TEXT_FIELDS, type TextField } from './testing/fields.ts'
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

interface Texts extends Pick<TextField, 'kind' | 'max' | 'table' | 'parse'> {
  columns(value: string): Row
}
const pick = (result: { success: boolean; data?: object | undefined }, name: string): ReturnType<Texts['parse']> =>
  result.success ? { success: true, data: Reflect.get(result.data ?? {}, name) } : { success: false }

// Values of other kinds are compared in contract-values.db.test.ts.
const FIELDS: Record<string, Texts> = {
  ...Object.fromEntries(
    TEXT_FIELDS.map((field): [string, Texts] => [
      `${field.table}.${field.column}`,
      { ...field, columns: (value) => ({ [field.column]: value }) },
    ]),
  ),
  tag: {
    kind: 'line',
    max: LIMITS.tag,
    table: 'tw.tasks',
    parse: (tag) => tagText.safeParse(tag),
    columns: (tag) => ({ tags: [tag], tag_keys: [textKey(tag)] }),
  },
  'key name': {
    kind: 'line',
    max: LIMITS.keyName,
    table: 'tw.api_keys',
    parse: (name) => pick(keyCreate.safeParse({ name, scopes: ['account'] }), 'name'),
    columns: (name) => ({ name }),
  },
  'service key name': {
    kind: 'line',
    max: LIMITS.keyName,
    table: 'tw.service_keys',
    parse: (name) => pick(keyCreate.safeParse({ name, scopes: ['tasks:read'] }), 'name'),
    columns: (name) => ({ name }),
  },
  'account name': {
    kind: 'line',
    max: LIMITS.accountName,
    table: 'auth.users',
    parse: (name) => accountName.safeParse(name),
    columns: (name) => ({ name }),
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
          if (parsed.success) expect(await refusal(field.table, field.columns(String(parsed.data)))).toBeNull()
          if (!isOfNewer(raw))
            expect((await refusal(field.table, field.columns(raw))) === null).toBe(
              parsed.success && parsed.data === raw,
            )
        }),
      )
    },
  )

  test.each(Object.entries(FIELDS))(
    '%s: contract and database have the same limits, in code points',
    async (_name, { kind, max, table, parse, columns }) => {
      for (const one of ['a', '😀', 'é', '\u{10ffff}']) {
        expect(parse(one.repeat(max)).success).toBe(true)
        expect(await refusal(table, columns(one.repeat(max)))).toBeNull()
        expect(parse(one.repeat(max + 1)).success).toBe(false)
        expect(await refusal(table, columns(one.repeat(max + 1)))).not.toBeNull()
      }
      // Twice as many code points until normalised.
      expect(parse('e\u0301'.repeat(max))).toMatchObject({ success: true, data: 'é'.repeat(max) })
      expect(await refusal(table, columns('e\u0301'.repeat(max / 2)))).not.toBeNull()
      const empty = kind === 'text'
      expect(parse('').success).toBe(empty)
      expect((await refusal(table, columns(''))) === null).toBe(empty)
    },
  )

  test.each(Object.entries(FIELDS))(
    '%s: blanks at the ends, control characters, and halves of surrogate pairs',
    async (_name, { kind, table, parse, columns }) => {
      const line = kind === 'line'
      for (const blank of BLANKS)
        for (const raw of [`${blank}x`, `x${blank}`, blank]) {
          expect(parse(raw)).toMatchObject(
            line
              ? raw === blank
                ? { success: false }
                : { success: true, data: 'x' }
              : { success: true, data: raw.normalize('NFC') },
          )
          if (line) expect(await refusal(table, columns(raw))).not.toBeNull()
        }
      for (const control of CONTROLS) {
        expect(parse(`x${control}y`).success).toBe(!line)
        expect((await refusal(table, columns(`x${control}y`))) === null).toBe(!line)
      }
      for (const raw of UNSTORABLE)
        for (const at of [raw, `x${raw}`, `${raw}x`, `x${raw}y`]) expect(parse(at).success).toBe(false)
    },
  )
})
