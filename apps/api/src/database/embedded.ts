import { createHmac, randomBytes, randomUUID } from 'node:crypto'
import { link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Address, parseAddress, setUpRoles } from '@taskwire/db'
import type * as EmbeddedDb from '@taskwire/embedded-db'
import { ConfigError } from '../config.ts'
import { fileReason } from '../admin/file-errors.ts'

/** The addresses of a database, and the secret for counting sign-in attempts. */
export interface Addresses {
  app: Address
  auth: Address
  owner: Address | null
  /** For LISTEN; null if only a pooler is known. */
  direct: Address | null
  secret: string
  stop(): Promise<void>
}

/** Starts PostgreSQL below the directory, or uses the running one, and creates its roles and a secret. */
export async function startEmbedded(
  directory: string,
  report: (line: string) => void,
  options: Pick<EmbeddedDb.EmbeddedDatabaseOptions, 'durable' | 'settings'> = {},
): Promise<Addresses & { owner: Address; superuser: Address }> {
  const { startEmbeddedDatabase } = await loadPackage()
  await mkdir(directory, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw unusable(directory, error)
  })
  await using acquired = new AsyncDisposableStack()
  const server = acquired.use(await startEmbeddedDatabase({ ...options, directory }))
  report(
    server.reused
      ? 'Using the embedded PostgreSQL, which is already running'
      : `Started the embedded PostgreSQL ${server.version} in ${directory}`,
  )
  const secret = await readSecret(join(directory, 'secret'))
  const password = (login: string): string => createHmac('sha256', secret).update(login).digest('base64url')
  const admin = parseAddress('the embedded database', server.adminUrl)
  const addressOf = (user: string): Address => ({ ...admin, user, password: password(user) })
  await setUpRoles({
    admin,
    quiet: true,
    passwords: {
      taskwire_owner: password('taskwire_owner'),
      taskwire_app: password('taskwire_app'),
      taskwire_auth: password('taskwire_auth'),
    },
  })
  const kept = acquired.move()
  return {
    app: addressOf('taskwire_app'),
    auth: addressOf('taskwire_auth'),
    owner: addressOf('taskwire_owner'),
    superuser: admin,
    direct: addressOf('taskwire_app'),
    secret,
    stop: () => kept.disposeAsync(),
  }
}

/** Imports the package only when it is needed, since a build does not contain it. */
async function loadPackage(): Promise<typeof EmbeddedDb> {
  try {
    return await import('@taskwire/embedded-db')
  } catch (error) {
    if (!(error instanceof Error && Reflect.get(error, 'code') === 'ERR_MODULE_NOT_FOUND')) throw error
    throw new ConfigError(
      'The embedded database needs the package @taskwire/embedded-db, which is not installed: install it (npm install --save-dev @taskwire/embedded-db), or set DATABASE_URL to the address of a PostgreSQL server, version 15 to 18.',
    )
  }
}

function unusable(directory: string, error: unknown): unknown {
  const reason = fileReason(error)
  if (reason === undefined) return error
  return new ConfigError(
    `TASKWIRE_DIRECTORY ${directory}, the directory of the embedded database, cannot be used: ${reason}.`,
  )
}

/**
 * Reads the secret, or creates it: in another file that is then linked, so that concurrent starts read the same,
 * complete one.
 */
async function readSecret(file: string): Promise<string> {
  const draft = `${file}.${randomUUID()}`
  await writeFile(draft, randomBytes(32).toString('base64url'), { flag: 'wx', mode: 0o600 }).catch((error: unknown) => {
    throw unusable(dirname(file), error)
  })
  try {
    await link(draft, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    await unlink(draft)
  }
  const secret = (await readFile(file, 'utf8')).trim()
  if (secret.length >= 32) return secret
  throw new ConfigError(
    `${file} is damaged: restore it, or remove it. Without it, the next start creates another secret, and counts wrong passwords from zero.`,
  )
}
