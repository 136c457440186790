import { randomBytes, randomUUID } from 'node:crypto'
import { Readable, Writable } from 'node:stream'
import { backUp, connectOnce, restore } from '@taskwire/db'
import { createTestDatabase, type TestDatabase } from '@taskwire/db/testing'

/** A database restored from a backup of another one, and a session from before. */
export interface RestoredDatabase {
  database: TestDatabase
  /** The account in the backup. */
  userId: string
  /** The token of a session of that account, which was valid at the time of the backup. */
  session: string
}

export async function createRestoredDatabase(): Promise<RestoredDatabase> {
  await using before = await createTestDatabase()
  const [userId, session] = [randomUUID(), randomBytes(16).toString('hex')]
  {
    await using admin = await connectOnce({ address: before.admin, applicationName: 'taskwire-test' })
    const { sql } = admin
    await sql`insert into auth.users (id, name, email) values (${userId}, 'Somebody', ${`${userId}@example.com`})`
    await sql`insert into auth.sessions (user_id, token_hash, expires_at)
      values (${userId}, sha256(convert_to(${session}, 'UTF8')), now() + interval '7 days')`
    // Raises if the session is not valid.
    await sql`select tw.authenticate(null, sha256(convert_to(${session}, 'UTF8')), null, 'tasks:read')`
  }
  const backup: Buffer[] = []
  const to = new Writable({
    write(chunk: Buffer, _encoding, done) {
      backup.push(chunk)
      done()
    },
  })
  await backUp({ address: before.owner, to })
  const database = await createTestDatabase()
  await restore({ address: database.owner, from: Readable.from([Buffer.concat(backup)]) })
  return { database, userId, session }
}
