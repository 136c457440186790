import type { Address } from '../src/connection/address.ts'
import { migrate } from '../src/migrate.ts'
import { setUpRoles } from '../src/setup.ts'

const PASSWORD = 'for this database alone'

/** Creates the roles, tables and functions in a script's empty database. */
export async function migrateFresh(admin: Address): Promise<void> {
  await setUpRoles({ admin, passwords: { taskwire_owner: PASSWORD, taskwire_app: PASSWORD, taskwire_auth: PASSWORD } })
  await migrate({ address: { ...admin, user: 'taskwire_owner', password: PASSWORD } })
}
