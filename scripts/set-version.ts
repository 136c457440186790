// Sets the version of the contract and of every package: `npm run -s set-version -- 1.1.0`.
import { execFileSync } from 'node:child_process'
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const PACKAGES = ['package.json', '{packages,apps,examples}/*/package.json', '{torture,bench}/package.json']
/** The line with the version, by file. Code imports the version from `version.ts`. */
const LINES: Record<string, RegExp> = {
  'packages/contract/src/version.ts': /(?<=^export const CONTRACT_VERSION = ').*(?='$)/m,
  'docs/contract.md': /(?<=Version )\d\S*(?=\.$)/m,
  'README.md': /(?<=^Status: version )\d[\w.-]*(?=[,.])/m,
  ...Object.fromEntries(globSync(PACKAGES, { cwd: root }).map((file) => [file, /(?<=^ {2}"version": ").*(?=",$)/m])),
}

/** Returns the version in each of these files. */
export function readVersions(): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(LINES).map(([file, line]) => [file, line.exec(readFileSync(join(root, file), 'utf8'))?.[0]]),
  )
}

function setVersion(version: string): void {
  for (const [file, line] of Object.entries(LINES)) {
    const text = readFileSync(join(root, file), 'utf8')
    writeFileSync(join(root, file), text.replace(line, version))
  }
  execFileSync(process.execPath, [join(root, 'packages/contract/scripts/write.ts')])
  console.log(`set ${version} in ${Object.keys(LINES).length} files, and in contract.json`)
}

if (import.meta.main) {
  const [version = ''] = process.argv.slice(2)
  if (/^\d+\.\d+\.\d+(-rc\.\d+)?$/.test(version)) setVersion(version)
  else {
    console.error('Give a version, such as 1.1.0 or 1.1.0-rc.1: npm run -s set-version -- 1.1.0')
    process.exitCode = 1
  }
}
