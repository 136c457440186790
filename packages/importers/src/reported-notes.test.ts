import { describe, expect, test } from 'vitest'
import { linesOf } from './reported-notes.ts'

describe('lines of a file', () => {
  test.each([
    [[], ''],
    [[undefined], ''],
    [[3], 'line 3'],
    [[3, 3, undefined], 'line 3'],
    [[8, 3], 'lines 3 and 8'],
    [[3, 8, 12], 'lines 3, 8 and 12'],
    // A fourth line is listed, since "1 more" would be no shorter.
    [[3, 8, 12, 20], 'lines 3, 8, 12 and 20'],
    [[3, 8, 12, 20, 21], 'lines 3, 8, 12 and 2 more'],
  ])('%j: %s', (lines, expected) => {
    expect(linesOf(lines)).toBe(expected)
  })
})
