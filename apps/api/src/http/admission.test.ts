import { expect, test } from 'vitest'
import { type Admission, createAdmission } from './admission.ts'

/** Begins requests until there is no room, at most `most`. Returns the functions that end them. */
function fill(admission: Admission, key: string, most = 1000): (() => void)[] {
  const ends: (() => void)[] = []
  while (ends.length < most && admission.hasRoom(() => key)) ends.push(admission.begin(key))
  return ends
}
const [STANDING_QUEUE_MS, NO_QUEUE_MS, WINDOW_MS] = [100, 1, 100]

test.each([500, 1000, 2000])(
  'with a standing queue, the limit is the number of requests that complete in 80 ms (%i a second)',
  (perSecond) => {
    // The limit starts below the result, or above it.
    for (const least of [5, 60]) {
      const admission = createAdmission({ least, first: Math.min(800, 4 * least), most: 800 })
      const requests: (() => void)[] = []
      for (let window = 0; window < 60; window++) {
        for (let part = 0; part < 10; part++) {
          requests.push(...fill(admission, 'a'))
          for (const end of requests.splice(0, perSecond / 100)) end()
        }
        admission.adapt(STANDING_QUEUE_MS, WINDOW_MS)
      }
      expect(admission.limit).toBe(Math.max(least, (perSecond * 80) / 1000))
    }
  },
)

test('the limit falls to `least` when nothing completes, and rises to `most` when requests complete again', () => {
  const admission = createAdmission({ least: 10, first: 40, most: 200 })
  expect(admission.limit).toBe(40)
  const requests = fill(admission, 'a')
  for (let window = 0; window < 30; window++) admission.adapt(STANDING_QUEUE_MS, WINDOW_MS)
  expect(admission.limit).toBe(10)
  for (const end of requests) end()
  admission.adapt(NO_QUEUE_MS, WINDOW_MS)
  for (let window = 0; window < 50; window++) {
    for (const end of fill(admission, 'a')) end()
    admission.adapt(NO_QUEUE_MS, WINDOW_MS)
  }
  expect(admission.limit).toBe(200)
})

test('a queue while few requests are in progress, which other load must have caused, does not change the limit', () => {
  const admission = createAdmission({ least: 10, first: 40, most: 200 })
  for (let window = 0; window < 30; window++) {
    for (const end of fill(admission, 'a', 10)) end()
    admission.adapt(STANDING_QUEUE_MS, WINDOW_MS)
  }
  expect(admission.limit).toBe(40)
})

test('without a queue, the limit returns to `first` within seconds', () => {
  const admission = createAdmission({ least: 10, first: 40, most: 200 })
  const requests = fill(admission, 'a')
  admission.adapt(STANDING_QUEUE_MS, WINDOW_MS)
  for (const end of requests) end()
  expect(admission.limit).toBe(10)
  for (let window = 0; window < 25; window++) admission.adapt(NO_QUEUE_MS, WINDOW_MS)
  expect(admission.limit).toBe(40)
})

test('a limit that is not reached stays', () => {
  const admission = createAdmission({ least: 10, first: 40, most: 1000 })
  fill(admission, 'a', 39)
  for (let window = 0; window < 50; window++) admission.adapt(NO_QUEUE_MS, WINDOW_MS)
  expect(admission.limit).toBe(40)
  fill(admission, 'a', 1)
  admission.adapt(NO_QUEUE_MS, WINDOW_MS)
  expect(admission.limit).toBe(44)
})

test('above the limit, a caller with less than an equal share is admitted', () => {
  const admission = createAdmission({ least: 10, first: 10, most: 10 })
  const noisy = fill(admission, 'noisy')
  expect(noisy).toHaveLength(10)
  // Half of the limit with two callers.
  expect(fill(admission, 'quiet')).toHaveLength(5)
  expect(fill(admission, 'noisy')).toEqual([])
  // A third with three callers.
  expect(fill(admission, 'another')).toHaveLength(3)
  // Below the limit any caller is admitted; above it, up to a third.
  for (const end of noisy.splice(0, 9)) end()
  expect(admission.inProgress).toBe(9)
  expect(fill(admission, 'noisy')).toHaveLength(2)
})

test('the requests in progress never exceed twice the limit, whatever the number of callers', () => {
  for (const least of [1, 2, 7, 20, 100]) {
    const admission = createAdmission({ least, first: least, most: least })
    for (let user = 0; user < 1000; user++) fill(admission, `user ${user}`)
    expect(admission.inProgress).toBeLessThanOrEqual(2 * least)
  }
  const admission = createAdmission({ least: 20, first: 20, most: 20 })
  for (let user = 0; user < 20; user++) fill(admission, `user ${user}`, 1)
  // With as many callers as the limit, no share is left, and the key is not computed.
  expect(
    admission.hasRoom(() => {
      throw new Error('keyOf was called')
    }),
  ).toBe(false)
})

test('requests admitted before the limit fell do not exclude other callers', () => {
  const admission = createAdmission({ least: 10, first: 40, most: 1000 })
  const noisy = fill(admission, 'noisy')
  for (let window = 0; window < 30; window++) admission.adapt(STANDING_QUEUE_MS, WINDOW_MS)
  expect([noisy.length, admission.limit]).toEqual([40, 10])
  expect(fill(admission, 'quiet')).toHaveLength(5)
  expect(fill(admission, 'noisy')).toEqual([])
})

test('ending a request twice counts once, and a caller without requests is forgotten', () => {
  const admission = createAdmission({ least: 10, first: 10, most: 10 })
  const ends = fill(admission, 'a')
  for (const end of [...ends, ...ends]) end()
  expect(admission.inProgress).toBe(0)
  fill(admission, 'b')
  expect(fill(admission, 'a')).toHaveLength(5)
})

test('waiting calls do not count against the limit, but at least half of the requests always do', () => {
  let waiting = 0
  const admission = createAdmission({ least: 10, first: 10, most: 10, waiting: () => waiting })
  const filled = fill(admission, 'a')
  expect(filled).toHaveLength(10)
  waiting = 4
  expect(fill(admission, 'a')).toHaveLength(4)
  waiting = 1000
  expect(fill(admission, 'a')).toHaveLength(5)
  expect(admission.inProgress).toBe(19)
})
