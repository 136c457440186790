import { expect, test } from 'vitest'
import { z } from 'zod'
import { type Case, outputOf, lines } from '../testing/kinds.ts'
import { compareOutputs } from './compare-schemas.ts'
import type { Schema } from './schema.ts'

const text = z.string()
const words = z.enum(['low', 'high'])
const kinds = (...names: string[]) =>
  z.union([
    ...names.map((name) => z.object({ type: z.literal(name), value: z.int() })),
    z.object({ type: z.string().regex(new RegExp(`^(?!(${names.join('|')})$)`)) }),
  ])

const OUTPUTS: Case[] = [
  ['a field removed', { a: text, b: text }, { a: text }, 'output.b was removed', { a: text, b: text, c: text }],
  ['an optional field removed', { a: text.optional() }, {}, 'output.a was removed', { a: text }],
  ['a field renamed', { a: text }, { b: text }, 'output.a was removed', { a: text, b: text }],
  [
    'a field that may be absent',
    { a: text },
    { a: text.optional() },
    'output.a may now be absent',
    { a: text, b: text.optional() },
  ],
  ['null added', { a: text }, { a: text.nullable() }, 'output.a may now be null', { a: text }],
  ['another type', { a: z.int() }, { a: text }, 'output.a may now be string', { a: z.int() }],
  [
    'a new value of a closed set',
    { a: words },
    { a: z.enum(['low', 'high', 'top']) },
    'output.a may now be "top"',
    { a: z.enum(['low']) },
  ],
  ['a closed set opened', { a: words }, { a: text }, 'output.a may now be string', { a: words }],
  [
    'another order of a closed set',
    { a: words },
    { a: z.enum(['high', 'low']) },
    'output.a ranks its values in another order: low, high before, now high, low',
    { a: words },
  ],
  [
    'another order of a closed set that may be null',
    { a: words.nullable() },
    { a: z.enum(['high', 'low']).nullable() },
    'output.a ranks its values in another order',
    { a: words },
  ],
  [
    'another format',
    { a: z.iso.date() },
    { a: text },
    'output.a is wider: format none now, before date; output.a is wider: pattern none now',
    { a: z.iso.date() },
  ],
  [
    'a wider number',
    { a: z.int().min(0) },
    { a: z.int() },
    'output.a is wider: minimum -9007199254740991 now, before 0',
    { a: z.int().min(1) },
  ],
  [
    'null added to the items of an array',
    { a: z.array(text) },
    { a: z.array(text.nullable()) },
    'output.a[] may now be null',
    { a: z.array(z.literal('x')) },
  ],
  [
    'a field removed from one shape of a union',
    { a: z.union([z.object({ x: text, y: text }), z.object({ x: text })]) },
    { a: z.union([z.object({ x: text, z: text }), z.object({ x: text })]) },
    'output.a.y was removed',
    { a: z.union([z.object({ x: text, y: text, z: text }), z.object({ x: text })]) },
  ],
  [
    'a field removed from a known item of an open set',
    { a: kinds('change', 'head') },
    { a: z.union([z.object({ type: z.literal('change') }), ...kinds('head').options]) },
    'output.a',
    { a: kinds('change', 'head', 'account') },
  ],
  [
    'a record whose values become any value',
    { a: z.record(z.string(), text) },
    { a: z.record(z.string(), z.unknown()) },
    'output.a.* may now be any value',
    { a: z.object({ x: text }) },
  ],
]

test.each(OUTPUTS)('%s', (_, released, breaking, found, fine) => {
  expect(lines(compareOutputs(outputOf(released), outputOf(breaking)))).toContain(found)
  expect(lines(compareOutputs(outputOf(released), outputOf(fine)))).toBe('')
})

test('the comparison of a shape that contains itself ends', () => {
  const tree = (leaf: z.ZodType): Schema => {
    const node: z.ZodType = z.object({ leaf, children: z.lazy(() => z.array(node)) }).meta({ id: 'Tree' })
    const schema = z.toJSONSchema(z.object({ node }), { io: 'output' }) as Schema
    z.globalRegistry.remove(node)
    return schema
  }
  expect(lines(compareOutputs(tree(text), tree(text)))).toBe('')
  expect(lines(compareOutputs(tree(text), tree(text.nullable())))).toBe('output.node.leaf may now be null')
})
