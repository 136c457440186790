import { expect, test } from 'vitest'
import { isUnencrypted, readUrl } from './address.ts'
import { EXIT } from './exit.ts'

test.each([
  ['http://127.0.0.1:4000', 'http://127.0.0.1:4000'],
  ['http://127.0.0.1:4000/', 'http://127.0.0.1:4000'],
  ['https://Tasks.Example.com/below//', 'https://tasks.example.com/below'],
  ['https://tasks.example.com/?a=b#c', 'https://tasks.example.com'],
])('%s becomes %s', (text, expected) => {
  expect(readUrl(text, '--url')).toBe(expected)
})

test.each(['nonsense', '127.0.0.1:4000', 'ftp://example.com', 'https://me:secret@example.com', ''])(
  '%j is wrong usage',
  (text) => {
    expect(() => readUrl(text, 'TASKWIRE_URL')).toThrow(
      expect.objectContaining({ exitCode: EXIT.usage, message: expect.stringContaining('TASKWIRE_URL is') }),
    )
  },
)

test('http is unencrypted except to this computer', () => {
  const addresses = ['http://127.0.0.1:4000', 'http://localhost', 'http://[::1]:1', 'https://example.com']
  expect(addresses.map(isUnencrypted)).toEqual([false, false, false, false])
  expect(['http://example.com', 'http://10.0.0.1', 'http://localhost.example.com'].map(isUnencrypted)).toEqual([
    true,
    true,
    true,
  ])
})
