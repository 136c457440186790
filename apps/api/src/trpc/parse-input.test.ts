import { contract, LIMITS } from '@taskwire/contract'
import { expect, test } from 'vitest'
import { parseInput, parsePaced } from './parse-input.ts'

const schema = contract.tasks.createMany.input
/** As the whole at once, and how often it asked for a turn. */
async function parse(value: unknown) {
  let turns = 0
  const pace = async (): Promise<void> => void turns++
  const result = await parsePaced(schema, value, { pace, mostIssues: 100 })
  const issues = result.success ? undefined : result.error.issues
  return { result, issues, turns }
}
const tasks = (count: number, of: (at: number) => unknown): object => ({
  tasks: Array.from({ length: count }, (_, at) => of(at)),
  mutationId: '0190b1a0-0000-7000-8000-00000000000F',
})

test.each([1, 10, 11, 499, LIMITS.tasksPerCall])('%i tasks are parsed as they are at once', async (count) => {
  const value = tasks(count, (at) => ({ title: ` e\u0301 ${at}`, tags: ['a', 'A'] }))
  const { result, turns } = await parse(value)
  expect(result).toEqual({ success: true, data: schema.parse(value) })
  expect(turns).toBe(Math.ceil(count / 10))
})

test('what is wrong is told by its place, of all tasks', async () => {
  const value = tasks(100, (at) => (at % 30 === 9 ? { title: '', due: { date: 'x' } } : { title: 'x' }))
  const { issues } = await parse(value)
  expect(issues).toEqual(parseInput(schema, value).error?.issues)
  expect(issues?.[2]?.path).toEqual(['tasks', 39, 'title'])
})

test('with enough that is wrong, the rest is left alone', async () => {
  const { issues, turns } = await parse(tasks(500, () => ({ title: 1, complete: 1 })))
  expect(issues).toHaveLength(100)
  expect(turns).toBe(5)
})

test.each([
  ['beside its tasks', { ...tasks(100, () => ({ title: 'x' })), more: 1 }],
  ['in number', tasks(LIMITS.tasksPerCall + 1, () => ({ title: 'x' }))],
  ['without any', { tasks: [] }],
  ['null', null],
  ['text', 'x'],
])('an input that is wrong %s is refused once', async (_what, value) => {
  const { issues, turns } = await parse(value)
  expect(issues).toEqual(parseInput(schema, value).error?.issues)
  expect(turns).toBe(1)
})
