import { expect, test } from 'vitest'
import { readVersions } from './set-version.ts'

test('every package has the version of the contract, and so do the pages that name it', () => {
  const versions = readVersions()
  const version = versions['packages/contract/src/version.ts']
  expect(version).toMatch(/^\d+\.\d+\.\d+(-rc\.\d+)?$/)
  expect(Object.keys(versions).length).toBeGreaterThan(12)
  expect(versions).toEqual(Object.fromEntries(Object.keys(versions).map((file) => [file, version])))
})
