import { contract, LIMITS } from '@taskwire/contract'
import { expect, test } from 'vitest'
import { parseInput, parsePaced } from './parse-input.ts'

const schema = contract.tasks.createMany.input
/** Also returns how often `pace` was called. */
async function parse(value: unknown) {
  let paces = 0
  const pace = async (): Promise<void> => void paces++
  const result = await parsePaced(schema, value, { pace, mostIssues: 100 })
  const issues = result.success ? undefined : result.error.issues
  return { result, issues, paces }
}
const tasks = (count: number, of: (at: number) => unknown): object => ({
  tasks: Array.from({ length: count }, (_, at) => of(at)),
  mutationId: '0190b1a0-0000-7000-8000-00000000000F',
})

test.each([1, 10, 11, 499, LIMITS.tasksPerCall])(
  '%i tasks have the same result when they are parsed in pieces',
  async (count) => {
    const value = tasks(count, (at) => ({ title: ` e\u0301 ${at}`, tags: ['a', 'A'] }))
    const { result, paces } = await parse(value)
    expect(result).toEqual({ success: true, data: schema.parse(value) })
    expect(paces).toBe(Math.ceil(count / 10))
  },
)

test('issues have the index of their task among all tasks', async () => {
  const value = tasks(100, (at) => (at % 30 === 9 ? { title: '', due: { date: 'x' } } : { title: 'x' }))
  const { issues } = await parse(value)
  expect(issues).toEqual(parseInput(schema, value).error?.issues)
  expect(issues?.[2]?.path).toEqual(['tasks', 39, 'title'])
})

test('parsing stops once there are enough issues', async () => {
  const { issues, paces } = await parse(tasks(500, () => ({ title: 1, complete: 1 })))
  expect(issues).toHaveLength(100)
  expect(paces).toBe(5)
})

test.each([
  ['an unknown field', { ...tasks(100, () => ({ title: 'x' })), more: 1 }],
  ['too many tasks', tasks(LIMITS.tasksPerCall + 1, () => ({ title: 'x' }))],
  ['no tasks', { tasks: [] }],
  ['null for the object', null],
  ['text for the object', 'x'],
])('the issues of an input with %s are reported once', async (_what, value) => {
  const { issues, paces } = await parse(value)
  expect(issues).toEqual(parseInput(schema, value).error?.issues)
  expect(paces).toBe(1)
})
