import { isTimeZone } from '@taskwire/contract/time-zone'
import { expect, test } from 'vitest'
import { WINDOWS_ZONES } from './windows-zones.ts'
import { findOffset, findZone } from './zones.ts'

test.each([
  ['Europe/Paris', 'Europe/Paris'],
  ['W. Europe Standard Time', 'Europe/Berlin'],
  ['w. europe standard time', 'Europe/Berlin'],
  ['Pacific Standard Time (Mexico)', 'America/Tijuana'],
  ['/softwarestudio.org/Olson_20011030_5/America/Chicago', 'America/Chicago'],
  ['US-Eastern', 'US/Eastern'],
  ['PST', 'America/Los_Angeles'],
  ['AET', 'Australia/Sydney'],
  ['EST', 'EST'],
  ['GMT +1:00', 'Etc/GMT-1'],
  ['UTC-05:00', 'Etc/GMT+5'],
  // These are ambiguous, or not names of zones.
  ['IST', null],
  ['BST', null],
  ['CST', null],
  ['GMT +5:30', null],
  ['+01:00', null],
  ['constructor', null],
  ['', null],
])('zone %s means %s', (name, zone) => {
  expect(findZone(name)).toBe(zone)
})

test('every Windows name maps to a zone of the contract', () => {
  expect(WINDOWS_ZONES.size).toBeGreaterThan(130)
  expect([...WINDOWS_ZONES].filter(([, zone]) => !isTimeZone(zone))).toEqual([])
})

test.each([
  ['GMT +5:30', '+05:30'],
  ['-0330', '-03:30'],
  ['UTC+14:00', '+14:00'],
  ['GMT +15:00', null],
  ['Europe/Paris', null],
])('the offset of %s is %s', (name, offset) => {
  expect(findOffset(name)).toBe(offset)
})
