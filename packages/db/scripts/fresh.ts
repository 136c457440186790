import { startEmbeddedDatabase } from '@taskwire/embedded-db'
import { parseAddress } from '../src/connection/address.ts'
import { type Connection, connectOnce } from '../src/connection/connect.ts'
import { migrate } from '../src/migrate.ts'
import { setUpRoles } from '../src/setup.ts'

const PASSWORD = 'for this database alone'

/** Starts PostgreSQL in an empty directory, creates the roles, tables and functions, and connects as a superuser. */
export async function connectFresh(options: { directory: string; binDirectory?: string }): Promise<Connection> {
  await using acquired = new AsyncDisposableStack()
  const { adminUrl } = acquired.use(await startEmbeddedDatabase({ ...options, durable: false }))
  const admin = parseAddress('the embedded database', adminUrl)
  await setUpRoles({ admin, passwords: { taskwire_owner: PASSWORD, taskwire_app: PASSWORD, taskwire_auth: PASSWORD } })
  await migrate({ address: { ...admin, user: 'taskwire_owner', password: PASSWORD } })
  const { sql } = acquired.use(await connectOnce({ address: admin, applicationName: 'taskwire-scripts' }))
  const kept = acquired.move()
  return { sql, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}
