import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import type { Snapshot } from './compare/snapshot.ts'
import { parseVersion } from './versions.ts'

const directory = new URL('../releases/', import.meta.url)
const RELEASE = /^\d+\.\d+\.\d+(-rc\.\d+)?\.json$/

export function readReleases(): Snapshot[] {
  // Files of this shape, which writeRelease() has written.
  return readdirSync(directory)
    .filter((name) => RELEASE.test(name))
    .map((name) => JSON.parse(readFileSync(new URL(name, directory), 'utf8')) as Snapshot)
}

/** Writes a release, the text of contract.json. Only the one of a candidate may be written again. */
export function writeRelease(version: string, text: string): string {
  const name = `${version}.json`
  const file = new URL(name, directory)
  if (parseVersion(version).isFinal && existsSync(file) && readFileSync(file, 'utf8') !== text)
    throw new Error(`${version} is released, and its contract was another. Raise the version: npm run -s set-version`)
  writeFileSync(file, text)
  return `packages/contract/releases/${name}`
}
