import { describe, expect, test } from 'vitest'
import { arrayText, type Parameter, prepare, type SQL, sql, statement } from './statement.ts'

const VALUES: [string, Parameter, string | null][] = [
  ['text', 'a', 'a'],
  ['empty text', '', ''],
  ['text that looks like a number', '007', '007'],
  ['true', true, 'true'],
  ['false', false, 'false'],
  ['an integer', 42, '42'],
  ['zero', -0, '0'],
  ['a fraction', 0.1, '0.1'],
  ['the largest safe integer', Number.MAX_SAFE_INTEGER, '9007199254740991'],
  ['null', null, null],
  ['bytes', new Uint8Array([0, 15, 255]), '\\x000fff'],
  ['a Buffer', Buffer.from('é'), '\\xc3a9'],
]
const NO_VALUES: [string, unknown][] = [
  ['undefined', undefined],
  ['NaN', NaN],
  ['infinity', Infinity],
  ['a bigint', 1n],
  ['a symbol', Symbol('s')],
  ['a function', () => 1],
  ['an object', {}],
  ['an ArrayBuffer', new ArrayBuffer(1)],
  ['a Date', new Date(0)],
  ['a promise', Promise.resolve('a')],
]

// Excluded by the types, but possible at run time, for example from an optional field.
const nothing = undefined as unknown as string

describe('statement()', () => {
  test.each(VALUES)('%s', (_, value, text) => {
    expect(statement(sql`select ${value} as x`)).toEqual({ text: 'select $1 as x', parameters: [text] })
  })

  // In each position, at the top level and within another part.
  test.each(NO_VALUES)('%s is refused', (_, value) => {
    for (const at of [0, 1, 2]) {
      const [a, b, c] = ['a', 'b', 'c'].map((good, index) => (index === at ? value : good)) as string[]
      const one = (part: unknown): SQL => sql`${part as string}`
      expect(() => statement(sql`select ${one(a)}, ${sql`${one(b)} || ${sql`${one(c)}`}`}`)).toThrow(TypeError)
    }
  })

  test('the error names the parameter, and does not contain the others', () => {
    expect(() => statement(sql`select ${'secret'}, ${NaN}`)).toThrow(/^Parameter 2 is number; give/)
    expect(() => statement(sql`select ${'secret'} ${nothing}`)).toThrow(/^Parameter 2 is undefined; give/)
  })

  test('parts and their parameters keep their order', () => {
    const part = sql`b = ${'two'}`
    expect(statement(sql`a = ${'one'} and ${part} and ${sql.raw('c')} = ${3}`)).toEqual({
      text: 'a = $1 and b = $2 and c = $3',
      parameters: ['one', 'two', '3'],
    })
  })

  test('a named parameter is refused', () => {
    expect(() => statement(sql`select ${{ named: 'x' }}`)).toThrow(TypeError)
  })
})

describe('prepare()', () => {
  const both = prepare<'one' | 'two'>((p) => sql`select ${p('two')}, ${sql`${p('one')}`}, ${p('two')}`)

  test('parameters are given by name, and one is sent for each use', () => {
    expect(both.text).toBe('select $1, $2, $3')
    expect(both.with({ one: 1, two: 'b' })).toEqual({ text: both.text, parameters: ['b', '1', 'b'] })
  })

  test.each(VALUES)('%s', (_, value, text) => {
    expect(both.with({ one: value, two: null }).parameters).toEqual([null, text, null])
  })

  test.each(NO_VALUES)('%s throws for each parameter', (_, value) => {
    expect(() => both.with({ one: value as string, two: 'b' })).toThrow(/^Parameter 2 is /)
    expect(() => both.with({ one: 'a', two: value as string })).toThrow(/^Parameter 1 is /)
  })

  test('a missing parameter throws, and an unknown one is ignored', () => {
    expect(() => both.with({ one: 'a' } as { one: string; two: string })).toThrow(TypeError)
    expect(both.with({ one: 'a', two: 'b', three: 'c' } as { one: string; two: string }).parameters).toHaveLength(3)
  })

  test('a query with a value throws', () => {
    expect(() => prepare(() => sql`select ${'value'}`)).toThrow(/holds a value/)
    expect(() => prepare(() => sql`select ${nothing}`)).toThrow(/holds a value/)
  })
})

describe('arrayText()', () => {
  test.each([
    [[], '{}'],
    [['a', 'b'], '{"a","b"}'],
    [[1, -2.5], '{"1","-2.5"}'],
    [[null, 'NULL', ''], '{NULL,"NULL",""}'],
    [['a"b', 'c\\d', '{e}', 'f,g', ' h '], '{"a\\"b","c\\\\d","{e}","f,g"," h "}'],
  ])('%j', (values, text) => {
    expect(arrayText(values)).toBe(text)
  })

  test('an element that is not a value throws', () => {
    for (const value of [undefined, NaN, {}])
      expect(() => arrayText(['a', value as string])).toThrow(/^Parameter 2 is /)
  })
})
