import { expect, test } from 'vitest'
import { createKeyedLimit } from './keyed-limit.ts'

/** Work that runs until `end()` is called. */
function controlledWork(): { run: () => Promise<string>; hasStarted: () => boolean; end: () => void } {
  const { promise, resolve } = Promise.withResolvers<string>()
  let started = false
  return {
    run: async () => {
      started = true
      return await promise
    },
    hasStarted: () => started,
    end: () => resolve('done'),
  }
}

test('as many calls as the limit run at a time; the others follow in order of arrival', async () => {
  const limit = createKeyedLimit({ of: 'user', atOnce: 2 })
  const works = [controlledWork(), controlledWork(), controlledWork(), controlledWork()]
  const calls = works.map(async ({ run }) => await limit.run('a', run))
  await Promise.resolve()
  expect(works.map(({ hasStarted }) => hasStarted())).toEqual([true, true, false, false])
  expect(limit.waiting).toBe(2)
  works[1]?.end()
  await calls[1]
  expect(works.map(({ hasStarted }) => hasStarted())).toEqual([true, true, true, false])
  for (const { end } of works) end()
  expect(await Promise.all(calls)).toEqual(['done', 'done', 'done', 'done'])
  expect(limit.waiting).toBe(0)
})

test('calls of different keys do not wait for each other', async () => {
  const limit = createKeyedLimit({ of: 'user', atOnce: 1 })
  const [first, second] = [controlledWork(), controlledWork()]
  const calls = [limit.run('a', first.run), limit.run('b', second.run)]
  expect([first.hasStarted(), second.hasStarted()]).toEqual([true, true])
  first.end()
  second.end()
  await Promise.all(calls)
})

test('after a call fails, the next one runs', async () => {
  const limit = createKeyedLimit({ of: 'user', atOnce: 1 })
  const failing = limit.run('a', async () => await Promise.reject(new Error('no')))
  const next = limit.run('a', async () => await Promise.resolve('next'))
  await expect(failing).rejects.toThrow('no')
  expect(await next).toBe('next')
})

test('with a full wait queue the next call fails with OVERLOADED and does not run', async () => {
  const limit = createKeyedLimit({ of: 'user', atOnce: 1, mostWaiting: 1 })
  const [first, second, third] = [controlledWork(), controlledWork(), controlledWork()]
  const calls = [limit.run('a', first.run), limit.run('a', second.run)]
  await expect(limit.run('a', third.run)).rejects.toMatchObject({
    appCode: 'OVERLOADED',
    details: { retryAfterMs: 1000 },
  })
  expect(third.hasStarted()).toBe(false)
  first.end()
  second.end()
  expect(await Promise.all(calls)).toEqual(['done', 'done'])
})

test('a call that has waited too long fails with OVERLOADED, and leaves the queue', async () => {
  const limit = createKeyedLimit({ of: 'user', atOnce: 1, waitMs: 1 })
  const first = controlledWork()
  const call = limit.run('a', first.run)
  await expect(limit.run('a', async () => await Promise.resolve('late'))).rejects.toMatchObject({
    appCode: 'OVERLOADED',
  })
  expect(limit.waiting).toBe(0)
  first.end()
  await call
  expect(await limit.run('a', async () => await Promise.resolve('next'))).toBe('next')
})

test('a call whose signal aborts before or during its wait fails and does not run', async () => {
  const limit = createKeyedLimit({ of: 'user', atOnce: 1, waitMs: 3_600_000 })
  const [first, second] = [controlledWork(), controlledWork()]
  const call = limit.run('a', first.run)
  const hangUp = new AbortController()
  const waiting = limit.run('a', second.run, hangUp.signal)
  hangUp.abort()
  await expect(waiting).rejects.toMatchObject({ appCode: 'OVERLOADED' })
  await expect(limit.run('a', second.run, hangUp.signal)).rejects.toMatchObject({ appCode: 'OVERLOADED' })
  expect(limit.waiting).toBe(0)
  expect(second.hasStarted()).toBe(false)
  first.end()
  await call
})
