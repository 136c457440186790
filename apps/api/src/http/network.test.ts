import type { IncomingMessage } from 'node:http'
import { describe, expect, test } from 'vitest'
import { addressOf, networkOf } from './network.ts'

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['::FFFF:c000:0201', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0DB8:0001:0002::', '2001:db8:1:2::/64'],
  ['2001:db8:1:3::1', '2001:db8:1:3::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
  ['not an address', 'unknown'],
  [undefined, 'unknown'],
])('the network of %s is %s', (address, network) => {
  expect(networkOf(address)).toBe(network)
})

describe('the address of a caller behind a balancer', () => {
  // Only the parts of a request that addressOf reads.
  const from = (forwarded: string | undefined, trustProxy = true): string =>
    addressOf(
      {
        headers: { 'x-forwarded-for': forwarded },
        socket: { remoteAddress: '10.0.0.1' },
      } as unknown as IncomingMessage,
      trustProxy,
    )

  test.each([
    ['203.0.113.9', '203.0.113.9'],
    ['198.51.100.7, 203.0.113.9', '203.0.113.9'],
    ['198.51.100.7,203.0.113.9:51234', '203.0.113.9'],
    ['"203.0.113.9:51234"', '203.0.113.9'],
    ['[2001:db8::1]:443', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['"[2001:db8::1]:443"', '2001:db8::1'],
    ['2001:db8::1', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['[fe80::1%eth0]:443', 'fe80::1'],
    ['::ffff:203.0.113.9', '::ffff:203.0.113.9'],
    [' 203.0.113.9\t', '203.0.113.9'],
  ])('%s is %s', (forwarded, address) => {
    expect(from(forwarded)).toBe(address)
    expect(from(forwarded, false)).toBe('10.0.0.1')
  })

  test.each([
    undefined,
    '',
    'unknown',
    '_hidden',
    '203.0.113.9, ',
    '203.0.113.9, unknown',
    '203.0.113.999',
    '203.0.113.9:x',
    '203.0.113.9:123456',
    '203.0.113.9:1:2',
    '[203.0.113.9]:80',
    '[2001:db8::1',
    '2001:db8::1]:80',
    '[2001:db8::1]x',
    'for=203.0.113.9',
    '"203.0.113.9',
    '1'.repeat(10_000),
  ])('%j contains no IP address, so the address of the balancer is used', (forwarded) => {
    expect(from(forwarded)).toBe('10.0.0.1')
  })
})
