import { expect, test } from 'vitest'
import { createPreparedStatements, type PreparedStatements } from './prepared-statements.ts'

const statement = (text: string, parameters = 0) => ({
  text,
  parameters: Array.from({ length: parameters }, () => 'x'),
})
function prepare(prepared: PreparedStatements, text: string, parameters = 0): string {
  const key = prepared.makeRoom()
  prepared.add({ text, parameters, name: `name of ${text}`, key })
  return key
}

test('the least recently used statement is replaced; its key is reused, its name returned', () => {
  const prepared = createPreparedStatements(3)
  const keys = ['a', 'b', 'c'].map((text) => prepare(prepared, text))
  expect(new Set(keys).size).toBe(3)
  prepared.use(statement('a'))
  expect(prepare(prepared, 'd')).toBe(keys[1])
  expect(['a', 'b', 'c', 'd'].map((text) => prepared.has(statement(text)))).toEqual([true, false, true, true])
  expect(prepared.takeForgotten()).toEqual(['name of b'])
  expect(prepared.takeForgotten()).toEqual([])
})

test('the same text with another number of parameters is another statement', () => {
  const prepared = createPreparedStatements(3)
  const key = prepare(prepared, 'a', 2)
  expect([prepared.use(statement('a', 2)), prepared.use(statement('a', 1))]).toEqual([key, undefined])
})

test('a removed statement is forgotten, and its key reused', () => {
  const prepared = createPreparedStatements(3)
  const key = prepare(prepared, 'a')
  prepared.forgetKey(key)
  prepared.forgetKey('of none')
  expect(prepared.has(statement('a'))).toBe(false)
  expect(prepared.takeForgotten()).toEqual(['name of a'])
  expect(prepare(prepared, 'b')).toBe(key)
})

test('at the limit, a text is prepared at its second use, unless a hundred others were used in between', () => {
  const prepared = createPreparedStatements(1)
  expect(prepared.shouldPrepare('a')).toBe(true)
  prepare(prepared, 'a')
  expect(['b', 'b', 'b', 'b'].map((text) => prepared.shouldPrepare(text))).toEqual([false, true, false, true])
  prepared.shouldPrepare('c')
  for (let n = 0; n < 100; n++) expect(prepared.shouldPrepare(String(n))).toBe(false)
  expect(prepared.shouldPrepare('c')).toBe(false)
})
