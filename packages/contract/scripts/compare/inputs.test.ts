import { expect, test } from 'vitest'
import { z } from 'zod'
import { type Case, inputOf, lines } from '../testing/kinds.ts'
import { compareInputs } from './compare-schemas.ts'
import type { Schema } from './schema.ts'

const text = z.string()
const words = z.enum(['low', 'high'])

const INPUTS: Case[] = [
  [
    'a field removed',
    { a: text, b: text.optional() },
    { a: text },
    'input.b was removed',
    { a: text, b: text.optional(), c: text.optional() },
  ],
  [
    'a field renamed',
    { a: text.optional() },
    { b: text.optional() },
    'input.a was removed',
    { a: text.optional(), b: text.optional() },
  ],
  ['a new required field', {}, { a: text }, 'input.a is new, and required', { a: text.optional() }],
  [
    'an optional field required',
    { a: text.optional() },
    { a: text },
    'input.a is now required',
    { a: text.optional() },
  ],
  [
    'a value of an enum removed',
    { a: words },
    { a: z.enum(['low']) },
    'input.a no longer accepts "high"',
    { a: z.enum(['low', 'high', 'top']) },
  ],
  ['a text replaced by an enum', { a: text }, { a: words }, 'input.a no longer accepts string', { a: text }],
  [
    'null refused',
    { a: text.nullable() },
    { a: text },
    'input.a no longer accepts null',
    { a: z.union([text, z.int(), z.null()]) },
  ],
  ['another type', { a: z.int() }, { a: text }, 'input.a no longer accepts integer', { a: z.number() }],
  [
    'a minimum raised',
    { a: z.int().min(0) },
    { a: z.int().min(1) },
    'input.a is narrower: minimum 0 before, now 1',
    { a: z.int().min(-1) },
  ],
  [
    'a maximum lowered',
    { a: z.int().max(9) },
    { a: z.int().max(8) },
    'input.a is narrower: maximum 9 before, now 8',
    { a: z.int().max(10) },
  ],
  [
    'only whole numbers accepted',
    { a: z.number().min(0).max(1) },
    { a: z.int().min(0).max(1) },
    'input.a no longer accepts number',
    { a: z.number().min(0).max(2) },
  ],
  [
    'a length raised',
    { a: text.min(1) },
    { a: text.min(2) },
    'input.a is narrower: minLength 1 before, now 2',
    { a: text },
  ],
  [
    'a new maximum length',
    { a: text },
    { a: text.max(9) },
    'input.a is narrower: maxLength none before, now 9',
    { a: text.min(0) },
  ],
  [
    'a new pattern',
    { a: text },
    { a: text.regex(/^a$/) },
    'input.a is narrower: pattern none before, now ^a$',
    { a: text },
  ],
  [
    'another pattern',
    { a: text.regex(/^ab?$/) },
    { a: text.regex(/^a$/) },
    'input.a is narrower: pattern ^ab?$ before, now ^a$',
    { a: text },
  ],
  [
    'a new format',
    { a: text },
    { a: z.iso.date() },
    'input.a is narrower: format none before, now date; input.a is narrower: pattern none before',
    { a: text },
  ],
  [
    'fewer items',
    { a: z.array(text).max(9) },
    { a: z.array(text).max(8) },
    'input.a is narrower: maxItems 9 before, now 8',
    { a: z.array(text) },
  ],
  [
    'narrower items',
    { a: z.array(text) },
    { a: z.array(text.max(1)) },
    'input.a[] is narrower',
    { a: z.array(text.nullable()) },
  ],
  [
    'a member of a union removed',
    { a: z.union([z.strictObject({ x: text }), text]) },
    { a: text },
    'input.a no longer accepts object',
    { a: z.union([text, z.strictObject({ x: text }), z.null()]) },
  ],
  [
    'a record replaced by an object',
    { a: z.record(z.string(), text) },
    { a: z.strictObject({ x: text }) },
    'input.a.x is new, and required; input.a no longer accepts fields of any name',
    { a: z.record(z.string(), text.nullable()) },
  ],
  [
    'values of a record narrowed',
    { a: z.record(z.string(), text) },
    { a: z.record(z.string(), text.max(1)) },
    'input.a.* is narrower',
    { a: z.record(z.string(), text) },
  ],
  [
    'another default',
    { a: z.int().default(1) },
    { a: z.int().default(2) },
    'input.a has another default: 1 before, now 2',
    { a: z.int().default(1), b: z.int().default(2) },
  ],
  [
    'a default added where absence meant something else',
    { a: z.boolean().optional() },
    { a: z.boolean().default(true) },
    'input.a has another default: none before, now true',
    { a: z.boolean().optional() },
  ],
  [
    'a member of a discriminated union narrowed',
    {
      a: z.discriminatedUnion('t', [
        z.strictObject({ t: z.literal('x') }),
        z.strictObject({ t: z.literal('y'), v: text }),
      ]),
    },
    {
      a: z.discriminatedUnion('t', [
        z.strictObject({ t: z.literal('x') }),
        z.strictObject({ t: z.literal('y'), v: text.max(1) }),
      ]),
    },
    'input.a.v is narrower',
    {
      a: z.discriminatedUnion('t', [
        z.strictObject({ t: z.literal('x') }),
        z.strictObject({ t: z.literal('y'), v: text }),
        z.strictObject({ t: z.literal('z') }),
      ]),
    },
  ],
]

test.each(INPUTS)('%s', (_, released, breaking, found, fine) => {
  expect(lines(compareInputs(inputOf(released), inputOf(breaking)))).toContain(found)
  expect(lines(compareInputs(inputOf(released), inputOf(fine)))).toBe('')
})

test('a keyword that is not compared throws, since it could hide a change', () => {
  // The type lacks keywords that only later contracts may have.
  const strange = { type: 'array', uniqueItems: true } as Schema
  expect(() => compareInputs({ type: 'array' }, strange)).toThrow('uniqueItems')
})
