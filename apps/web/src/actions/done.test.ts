import type { Task } from '@taskwire/client'
import { expect, test } from 'vitest'
import { type Done, perform, type Reports, toEach } from './done.ts'

/** Only what is read. */
const tasks = ['one', 'two', 'three'].map((title) => ({ id: title, title }) as Task)

/** Keeps what is reported. */
function reporter() {
  const history: Done[] = []
  const problems: string[] = []
  const reports: Reports = {
    done(done) {
      history.push(done)
      return (instead) => void history.splice(history.indexOf(done), 1, ...(instead === undefined ? [] : [instead]))
    },
    problem: (message) => void problems.push(message),
    begin: () => () => {},
  }
  return { reports, history, problems }
}

/** Does something to each task that fails for one of them. */
async function failAt(title: string) {
  const calls: string[] = []
  const { reports, history, problems } = reporter()
  const isDone = await toEach(tasks, reports, {
    text: (some) => `Changed ${some.length}`,
    async act(task) {
      if (task.title === title) throw new Error('The disk is full.')
      calls.push(await Promise.resolve(task.title))
    },
    undo: async (task) => void calls.push(await Promise.resolve(`not ${task.title}`)),
    putBack: async (some) => void calls.push(await Promise.resolve(`${some.length} back`)),
  })
  return { isDone, calls, history, problems }
}

test('what fails at once cannot be undone', async () => {
  const { isDone, history, problems } = await failAt('one')
  expect({ isDone, history, problems }).toEqual({
    isDone: false,
    history: [],
    problems: ['0 of 3 tasks were changed. The disk is full.'],
  })
})

test('of what fails halfway, the first half can be undone', async () => {
  const { isDone, calls, history, problems } = await failAt('three')
  expect(isDone).toBe(false)
  expect(problems).toEqual(['2 of 3 tasks were changed. The disk is full.'])
  expect(history.map(({ text }) => text)).toEqual(['Changed 2'])
  await history[0]?.undo()
  expect(calls).toEqual(['one', 'two', 'not two', 'not one', '2 back'])
})

test('an action that fails leaves the history', async () => {
  const { reports, history } = reporter()
  const act = async (): Promise<never> => await Promise.reject(new Error('The disk is full.'))
  await expect(perform(reports, { text: 'Added', act, undo: act })).rejects.toThrow('The disk is full.')
  expect(history).toEqual([])
})
