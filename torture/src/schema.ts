import { connectOnce } from '@taskwire/db'
import { dumpSchema } from '@taskwire/db/testing/schema'
import type { Server } from './server.ts'

/** Returns the schema as SQL, with policies, grants and functions, in the form of packages/db/schema.sql. */
export async function schemaOf(server: Server, database?: string): Promise<string> {
  await using connection = await connectOnce({
    address: server.address('postgres', database),
    applicationName: 'torture',
  })
  return await dumpSchema(connection.sql)
}
