import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import type { Snapshot } from './compare/snapshot.ts'
import { parseVersion } from './versions.ts'

const directory = new URL('../releases/', import.meta.url)
const RELEASE = /^\d+\.\d+\.\d+(-rc\.\d+)?\.json$/

export function readReleases(): Snapshot[] {
  // writeRelease() has written them.
  return readdirSync(directory)
    .filter((name) => RELEASE.test(name))
    .map((name) => JSON.parse(readFileSync(new URL(name, directory), 'utf8')) as Snapshot)
}

/** Writes a release, which is a copy of contract.json. Only a candidate may be written again with another text. */
export function writeRelease(version: string, text: string): string {
  const name = `${version}.json`
  const file = new URL(name, directory)
  if (parseVersion(version).isFinal && existsSync(file) && readFileSync(file, 'utf8') !== text)
    throw new Error(`${version} is already released, with another contract. Raise the version: npm run -s set-version`)
  writeFileSync(file, text)
  return `packages/contract/releases/${name}`
}
