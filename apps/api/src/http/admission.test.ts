import { expect, test } from 'vitest'
import { type Admission, createAdmission } from './admission.ts'

/** Lets in as many as come in; gives what lets them out. */
function fill(admission: Admission, key: string, most = 1000): (() => void)[] {
  const leave: (() => void)[] = []
  while (leave.length < most && admission.mayEnter(() => key)) leave.push(admission.enter(key))
  return leave
}
const [STANDING, NONE, WINDOW] = [100, 1, 100]

test.each([500, 1000, 2000])(
  'while work stands in line, as many are let in as are done in 80 ms: of %i a second',
  (perSecond) => {
    // From below, and from above.
    for (const least of [5, 60]) {
      const admission = createAdmission({ least, first: Math.min(800, 4 * least), most: 800 })
      const inside: (() => void)[] = []
      for (let n = 0; n < 60; n++) {
        for (let part = 0; part < 10; part++) {
          inside.push(...fill(admission, 'a'))
          for (const out of inside.splice(0, perSecond / 100)) out()
        }
        admission.adapt(STANDING, WINDOW)
      }
      expect(admission.limit).toBe(Math.max(least, (perSecond * 80) / 1000))
    }
  },
)

test('where next to nothing gets done the least is let in, and all that there may be once it does again', () => {
  const admission = createAdmission({ least: 10, first: 40, most: 200 })
  expect(admission.limit).toBe(40)
  const held = fill(admission, 'a')
  for (let n = 0; n < 30; n++) admission.adapt(STANDING, WINDOW)
  expect(admission.limit).toBe(10)
  for (const out of held) out()
  admission.adapt(NONE, WINDOW)
  for (let n = 0; n < 50; n++) {
    for (const out of fill(admission, 'a')) out()
    admission.adapt(NONE, WINDOW)
  }
  expect(admission.limit).toBe(200)
})

test('a line that is not its doing changes nothing: other work of the machine, a start', () => {
  const admission = createAdmission({ least: 10, first: 40, most: 200 })
  for (let n = 0; n < 30; n++) {
    for (const out of fill(admission, 'a', 10)) out()
    admission.adapt(STANDING, WINDOW)
  }
  expect(admission.limit).toBe(40)
})

test('after a calm second or two it begins anew', () => {
  const admission = createAdmission({ least: 10, first: 40, most: 200 })
  const held = fill(admission, 'a')
  admission.adapt(STANDING, WINDOW)
  for (const out of held) out()
  expect(admission.limit).toBe(10)
  for (let n = 0; n < 25; n++) admission.adapt(NONE, WINDOW)
  expect(admission.limit).toBe(40)
})

test('a limit that nobody reaches stays', () => {
  const admission = createAdmission({ least: 10, first: 40, most: 1000 })
  fill(admission, 'a', 39)
  for (let n = 0; n < 50; n++) admission.adapt(NONE, WINDOW)
  expect(admission.limit).toBe(40)
  fill(admission, 'a', 1)
  admission.adapt(NONE, WINDOW)
  expect(admission.limit).toBe(44)
})

test('where it is full, whoever has less than an equal part comes in', () => {
  const admission = createAdmission({ least: 10, first: 10, most: 10 })
  const noisy = fill(admission, 'noisy')
  expect(noisy).toHaveLength(10)
  // Of two: half, though it is full.
  expect(fill(admission, 'quiet')).toHaveLength(5)
  expect(fill(admission, 'noisy')).toEqual([])
  // Of three: a third.
  expect(fill(admission, 'another')).toHaveLength(3)
  // Once it has fallen below the limit, whoever comes first; and then up to a third.
  for (const out of noisy.splice(0, 9)) out()
  expect(admission.inside).toBe(9)
  expect(fill(admission, 'noisy')).toHaveLength(2)
})

test('however many they are, there is never more than twice the limit inside', () => {
  for (const least of [1, 2, 7, 20, 100]) {
    const admission = createAdmission({ least, first: least, most: least })
    for (let n = 0; n < 1000; n++) fill(admission, `user ${n}`)
    expect(admission.inside).toBeLessThanOrEqual(2 * least)
  }
  const admission = createAdmission({ least: 20, first: 20, most: 20 })
  for (let n = 0; n < 20; n++) fill(admission, `user ${n}`, 1)
  // Full of many, nobody has less than a part, and nobody is looked at.
  expect(
    admission.mayEnter(() => {
      throw new Error('asked')
    }),
  ).toBe(false)
})

test('whoever filled it before the limit fell keeps nobody else out', () => {
  const admission = createAdmission({ least: 10, first: 40, most: 1000 })
  const noisy = fill(admission, 'noisy')
  for (let n = 0; n < 30; n++) admission.adapt(STANDING, WINDOW)
  expect([noisy.length, admission.limit]).toEqual([40, 10])
  expect(fill(admission, 'quiet')).toHaveLength(5)
  expect(fill(admission, 'noisy')).toEqual([])
})

test('each leaves once, and whoever has left is forgotten', () => {
  const admission = createAdmission({ least: 10, first: 10, most: 10 })
  const leave = fill(admission, 'a')
  for (const out of [...leave, ...leave]) out()
  expect(admission.inside).toBe(0)
  fill(admission, 'b')
  expect(fill(admission, 'a')).toHaveLength(5)
})

test('calls that wait among the slow ones take no place, but of half of those inside', () => {
  let parked = 0
  const admission = createAdmission({ least: 10, first: 10, most: 10, parked: () => parked })
  const filled = fill(admission, 'a')
  expect(filled).toHaveLength(10)
  parked = 4
  expect(fill(admission, 'a')).toHaveLength(4)
  parked = 1000
  expect(fill(admission, 'a')).toHaveLength(5)
  expect(admission.inside).toBe(19)
})
