import { expect, test } from 'vitest'
import { addressOfTag, tagOfAddress } from './addresses.ts'

test.each(['errand', '50%', 'a/b', 'a%2Fb', 'zu Hause', 'straße', 'c#', 'what?', 'اتصل'])(
  'the tag %s is found again by its address, as a browser has it',
  (tag) => {
    const { pathname } = new URL(addressOfTag(tag), 'https://example.com')
    expect(pathname).toBe(addressOfTag(tag))
    expect(tagOfAddress(pathname)).toBe(tag)
  },
)

test('an address that was written by hand is taken as it is', () => {
  expect(tagOfAddress('/tags/50%')).toBe('50%')
})
