import { expect, test } from 'vitest'
import { input } from './testing/fixtures.ts'
import { importTodotxt } from './todotxt.ts'

const ids = (fileName: string, text: string): string[] =>
  importTodotxt(input(text, fileName)).tasks.map((task) => task.id)

test('the same file yields the same ids in any folder', () => {
  expect(ids('a/todo.txt', 'Buy milk\nCall Ada\n')).toEqual(ids('b/todo.txt', 'Buy milk\r\nCall Ada'))
})

test('equal lines become separate tasks, in one file or in two', () => {
  const all = [...ids('todo.txt', 'Buy milk\nBuy milk\n'), ...ids('errands.txt', 'Buy milk\n')]
  expect(new Set(all).size).toBe(3)
})
