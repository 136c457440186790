import { expect, test } from 'vitest'
import { createKeyedLimit } from './keyed-limit.ts'

/** Work that ends when it is told to. */
function work(): { run: () => Promise<string>; begun: () => boolean; end: () => void } {
  const { promise, resolve } = Promise.withResolvers<string>()
  let begun = false
  return {
    run: async () => {
      begun = true
      return await promise
    },
    begun: () => begun,
    end: () => resolve('done'),
  }
}

test('so many run at a time, the others in the order they came', async () => {
  const turns = createKeyedLimit({ of: 'user', atOnce: 2 })
  const all = [work(), work(), work(), work()]
  const running = all.map(async ({ run }) => await turns.inTurn('a', run))
  await Promise.resolve()
  expect(all.map(({ begun }) => begun())).toEqual([true, true, false, false])
  expect(turns.waiting).toBe(2)
  all[1]?.end()
  await running[1]
  expect(all.map(({ begun }) => begun())).toEqual([true, true, true, false])
  for (const { end } of all) end()
  expect(await Promise.all(running)).toEqual(['done', 'done', 'done', 'done'])
  expect(turns.waiting).toBe(0)
})

test('nobody waits for somebody else', async () => {
  const turns = createKeyedLimit({ of: 'user', atOnce: 1 })
  const [first, second] = [work(), work()]
  const running = [turns.inTurn('a', first.run), turns.inTurn('b', second.run)]
  expect([first.begun(), second.begun()]).toEqual([true, true])
  first.end()
  second.end()
  await Promise.all(running)
})

test('one that fails makes way all the same', async () => {
  const turns = createKeyedLimit({ of: 'user', atOnce: 1 })
  const failing = turns.inTurn('a', async () => await Promise.reject(new Error('no')))
  const next = turns.inTurn('a', async () => await Promise.resolve('next'))
  await expect(failing).rejects.toThrow('no')
  expect(await next).toBe('next')
})

test('where too many wait, the next is OVERLOADED and does not run', async () => {
  const turns = createKeyedLimit({ of: 'user', atOnce: 1, mostWaiting: 1 })
  const [first, second, third] = [work(), work(), work()]
  const running = [turns.inTurn('a', first.run), turns.inTurn('a', second.run)]
  await expect(turns.inTurn('a', third.run)).rejects.toMatchObject({
    appCode: 'OVERLOADED',
    details: { retryAfterMs: 1000 },
  })
  expect(third.begun()).toBe(false)
  first.end()
  second.end()
  expect(await Promise.all(running)).toEqual(['done', 'done'])
})

test('who has waited too long is OVERLOADED, and those behind move up', async () => {
  const turns = createKeyedLimit({ of: 'user', atOnce: 1, waitMs: 1 })
  const first = work()
  const running = turns.inTurn('a', first.run)
  await expect(turns.inTurn('a', async () => await Promise.resolve('late'))).rejects.toMatchObject({
    appCode: 'OVERLOADED',
  })
  expect(turns.waiting).toBe(0)
  first.end()
  await running
  expect(await turns.inTurn('a', async () => await Promise.resolve('next'))).toBe('next')
})

test('a call whose caller hangs up, before or while it waits, is refused and does not run', async () => {
  const turns = createKeyedLimit({ of: 'user', atOnce: 1, waitMs: 3_600_000 })
  const [first, second] = [work(), work()]
  const running = turns.inTurn('a', first.run)
  const gone = new AbortController()
  const waiting = turns.inTurn('a', second.run, gone.signal)
  gone.abort()
  await expect(waiting).rejects.toMatchObject({ appCode: 'OVERLOADED' })
  await expect(turns.inTurn('a', second.run, gone.signal)).rejects.toMatchObject({ appCode: 'OVERLOADED' })
  expect(turns.waiting).toBe(0)
  expect(second.begun()).toBe(false)
  first.end()
  await running
})
