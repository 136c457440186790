import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isFullId, isPartOfId, matchesId, shortIds } from './ids.ts'

fc.configureGlobal({ seed: Number(process.env['TASKWIRE_SEED']) })

const A = '01a20187-3b16-7027-be35-ce9a472a922b'
const B = '01a20187-2d4a-7151-8844-3401af021d50'

describe('shortIds', () => {
  test('is the last eight characters', () => {
    expect([...shortIds([A, B])]).toEqual([
      [A, '472a922b'],
      [B, 'af021d50'],
    ])
  })

  test('is longer where ids end alike', () => {
    const other = '01a20187-2d4a-7151-8844-9999472a922b'
    expect([...shortIds([A, other, B]).values()]).toEqual(['a472a922b', '9472a922b', 'af021d50'])
  })

  test('is the beginning if that is shorter', () => {
    const [c, d] = ['99731ab0-92c7-11d7-a4a2-000a95690022', '997318c6-92c7-11d7-a4a2-000a95690022']
    expect([...shortIds([c, d]).values()]).toEqual(['99731ab0', '997318c6'])
  })

  test('is the whole id if its end is the beginning of another', () => {
    const other = '472a922b-2d4a-7151-8844-3401af021d50'
    expect(shortIds([A, other]).get(A)).toBe(A)
  })

  test('matches exactly one of the ids', () => {
    // The ids have two different digits only, so that many are alike.
    const hex = (length: number): fc.Arbitrary<string> =>
      fc.array(fc.constantFrom('0', '1'), { minLength: length, maxLength: length }).map((digits) => digits.join(''))
    const id = fc.tuple(hex(8), hex(4), hex(4), hex(4), hex(12)).map((parts) => parts.join('-'))
    fc.assert(
      fc.property(fc.uniqueArray(id, { maxLength: 40 }), (ids) => {
        for (const [whole, short] of shortIds(ids)) {
          expect(short.length).toBeGreaterThanOrEqual(8)
          expect(ids.filter((each) => matchesId(short, each))).toEqual([whole])
        }
      }),
    )
  })
})

test('matchesId compares the beginning and the end, ignoring case', () => {
  expect(matchesId('01A20187-3B16', A)).toBe(true)
  expect(matchesId('922B', A)).toBe(true)
  expect(matchesId(A.toUpperCase(), A)).toBe(true)
  expect(matchesId('7027', A)).toBe(false)
})

test('full ids and parts of ids are recognised', () => {
  expect([A, A.toUpperCase(), `${A}0`, '472a922b'].map(isFullId)).toEqual([true, true, false, false])
  expect(['472a922b', '8-92c7', 'milk', '', `${A}0`].map(isPartOfId)).toEqual([true, true, false, false, false])
})
