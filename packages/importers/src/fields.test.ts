import type { Field } from '@taskwire/contract/fields'
import { expect, test } from 'vitest'
import { EMPTY } from './field-values.ts'
import { fitTexts, type TaskNote } from './fields.ts'

const TEXT: Field = { kind: 'text', max: 5, nullable: true }
const LINE: Field = { kind: 'line', max: 5, nullable: true }

test.each<[Field, string | null, unknown, string[], string[]]>([
  [TEXT, null, undefined, [], []],
  [TEXT, '', '', [], []],
  [TEXT, 'a\nbé', 'a\nbé', [], []],
  [TEXT, 'a\0b', 'ab', [], ['characters']],
  [TEXT, 'a\nbcde', null, ['description: a\nbcde'], []],
  [LINE, ' a\nb ', 'a b', [], ['characters']],
  [LINE, '  ', null, [], []],
  [LINE, 'abcdef', null, ['description: abcdef'], []],
])('a field %j with the text %j becomes %j, and the description gets %j', (field, description, text, excess, kinds) => {
  const notes: TaskNote[] = []
  const fitted = fitTexts({ description: field }, { ...EMPTY, title: 'x', description }, notes)
  expect(fitted).toEqual({ texts: text === undefined ? {} : { description: text }, excess })
  expect(notes.map(({ kind }) => kind)).toEqual(kinds)
})
