import { expect, test } from 'vitest'
import { oneAtATime } from './one-at-a-time.ts'

test('runs one after the other; calls that wait share a run, which begins after them', async () => {
  const runs: PromiseWithResolvers<void>[] = []
  const call = oneAtATime(async () => {
    const run = Promise.withResolvers<void>()
    runs.push(run)
    await run.promise
  })
  const first = call()
  await Promise.resolve()
  const [second, third] = [call(), call()]
  expect(runs.length).toBe(1)
  runs[0]?.resolve()
  await first
  await Promise.resolve()
  expect(runs.length).toBe(2)
  runs[1]?.resolve()
  await Promise.all([second, third])
  expect(runs.length).toBe(2)
})

test('a run that fails fails its calls, and not the next', async () => {
  let runs = 0
  const call = oneAtATime(async () => {
    if (++runs === 1) throw new Error('no')
  })
  await expect(call()).rejects.toThrow('no')
  await expect(call()).resolves.toBeUndefined()
})
