import { expect, test } from 'vitest'
import { syncWords } from './sync-words.ts'

type Status = Parameters<typeof syncWords>[0]

const since = new Date('2026-11-28T12:00:00.000Z')
const SYNCED: Status = { state: 'live', failing: null, lastSynced: since, pending: [] }
const network = { code: 'NETWORK', message: 'fetch failed', since } as const
const full = { code: 'STORAGE_FULL', message: 'The browser has no space left (QuotaExceededError)', since } as const

test.each<[Partial<Status>, string]>([
  [{}, 'Synced'],
  [{ pending: [1] }, 'Saving'],
  [{ state: 'loading', lastSynced: null }, 'Saving: loading your tasks'],
  [{ state: 'catchingUp' }, 'Saving'],
  [{ state: 'offline', failing: network, pending: [1, 2] }, 'Offline, 2 changes to send'],
  [{ state: 'offline', failing: full }, 'Offline: Not saved: this device has no space left. Free some, and try again.'],
  [{ failing: full }, 'Offline: Not saved: this device has no space left. Free some, and try again.'],
  [{ state: 'outdated', pending: [1] }, 'Offline, 1 change to send: a newer version is there. Reload the page.'],
])('%j is said as %s', (status, words) => {
  expect(syncWords({ ...SYNCED, ...status }, false)).toBe(words)
})

test('what is not stored yet is not synced', () => {
  expect(syncWords(SYNCED, true)).toBe('Saving')
})
