import { createHmac, randomBytes, randomUUID } from 'node:crypto'
import { link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Address, parseAddress, setUpRoles } from '@taskwire/db'
import { ConfigError } from '../config.ts'
import { fileReason } from '../admin/file-errors.ts'

/** Where a database is, and the secret that goes with it. */
export interface Addresses {
  app: Address
  auth: Address
  owner: Address | null
  /** For LISTEN; null where there is none. */
  direct: Address | null
  secret: string
  stop(): Promise<void>
}

/** A PostgreSQL of this project's own, below the directory; with its roles and a secret. */
export async function startEmbedded(
  directory: string,
  say: (line: string) => void,
): Promise<Addresses & { owner: Address; environment: Record<string, string> }> {
  // A production bundle holds none: there DATABASE_URL is always set.
  const { startEmbeddedDatabase } = await import('@taskwire/embedded-db')
  await mkdir(directory, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw unusable(directory, error)
  })
  await using acquired = new AsyncDisposableStack()
  const server = acquired.use(await startEmbeddedDatabase({ directory }))
  say(
    server.reused
      ? 'Using the embedded PostgreSQL that runs already'
      : `Started the embedded PostgreSQL ${server.version} in ${directory}`,
  )
  const secret = await ownSecret(join(directory, 'secret'))
  const password = (login: string): string => createHmac('sha256', secret).update(login).digest('base64url')
  const admin = parseAddress('the embedded database', server.adminUrl)
  const as = (user: string): Address => ({ ...admin, user, password: password(user) })
  await setUpRoles({
    admin,
    quiet: true,
    passwords: {
      taskwire_owner: password('taskwire_owner'),
      taskwire_app: password('taskwire_app'),
      taskwire_auth: password('taskwire_auth'),
    },
  })
  const url = (user: string): string =>
    Object.assign(new URL(server.adminUrl), { username: user, password: password(user) }).href
  const kept = acquired.move()
  return {
    // The same as settings, for other processes.
    environment: {
      DATABASE_URL: url('taskwire_app'),
      DATABASE_AUTH_URL: url('taskwire_auth'),
      DATABASE_OWNER_URL: url('taskwire_owner'),
      TASKWIRE_SECRET: secret,
    },
    app: as('taskwire_app'),
    auth: as('taskwire_auth'),
    owner: as('taskwire_owner'),
    direct: as('taskwire_app'),
    secret,
    stop: () => kept.disposeAsync(),
  }
}

function unusable(directory: string, error: unknown): unknown {
  const reason = fileReason(error)
  if (reason === undefined) return error
  return new ConfigError(
    `TASKWIRE_DIRECTORY ${directory}, where the embedded database lives, cannot be used: ${reason}.`,
  )
}

/** Made whole under another name and linked into place: of several starts all get one, and none an empty one. */
async function ownSecret(file: string): Promise<string> {
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
  throw new ConfigError(`${file} is damaged: put it back, or remove it, after which everybody signs in again.`)
}
