import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { APP_CODES } from './errors.ts'
import { CONTRACT_HASH, CONTRACT_HEADER, CONTRACT_VERSION } from './version.ts'

describe('versions', () => {
  test('the header has the version and the hash of contract.json', () => {
    expect(CONTRACT_VERSION).toMatch(/^\d+\.\d+\.\d+(-rc\.\d+)?$/)
    expect(CONTRACT_HASH).toMatch(/^[0-9a-f]{16}$/)
    expect(CONTRACT_HEADER).toBe(`${CONTRACT_VERSION}; hash=${CONTRACT_HASH}`)
    const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
      version: string
    }
    expect(CONTRACT_VERSION).toBe(version)
  })

  test('an error code is retryable if its HTTP status is 429 or at least 500', () => {
    for (const [code, { httpStatus, retryable }] of Object.entries(APP_CODES)) {
      expect(code).toMatch(/^[A-Z_]+$/)
      // An error is retryable if it is the service's fault, or there were too many calls.
      expect([code, retryable]).toEqual([code, httpStatus === 429 || httpStatus >= 500])
    }
  })
})
