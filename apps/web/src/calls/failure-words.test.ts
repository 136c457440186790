import { TaskwireError } from '@taskwire/client'
import { StoreError } from '@taskwire/client/store'
import { expect, test } from 'vitest'
import { failureWords, waitWords } from './failure-words.ts'

test('a failed call is explained in words for people, and another error by its own', () => {
  const network = new TaskwireError('fetch failed', { appCode: 'NETWORK', retryable: true })
  expect(failureWords(network)).toBe('The service cannot be reached. Check your connection, and try again.')
  expect(failureWords(new Error('Choose a file.'))).toBe('Choose a file.')
})

test('a part that cannot be loaded, and a full device, are explained', () => {
  const load = new TypeError('Failed to fetch dynamically imported module: https://example.com/history.js')
  expect(failureWords(load)).toBe('This part could not be loaded. Check your connection, and reload.')
  const full = new StoreError('STORAGE_FULL', 'QuotaExceededError')
  expect(failureWords(full)).toBe('Not saved: this device has no space left. Free some, and try again.')
})

test('an invalid input names what is wrong', () => {
  const fields = [{ path: 'name', message: 'is empty' }]
  const data = { code: 'BAD_REQUEST', httpStatus: 400, appCode: 'VALIDATION', requestId: '', retryable: false, fields }
  expect(failureWords(new TaskwireError('not valid', { message: 'not valid', code: -32_600, data }))).toBe(
    'Name is empty.',
  )
})

test.each([
  [undefined, 'a moment'],
  [400, '1 second'],
  [40_000, '40 seconds'],
  [89_001, '2 minutes'],
  [180_000, '3 minutes'],
])('%j milliseconds are %s', (milliseconds, words) => {
  expect(waitWords(milliseconds)).toBe(words)
})
