import { randomBytes, randomUUID } from 'node:crypto'
import { Readable, Writable } from 'node:stream'
import { backUp, connectOnce, restore } from '@taskwire/db'
import { createTestDatabase, type TestDatabase } from '@taskwire/db/testing'

/** A database that was restored from the backup of another, and what a caller of before has. */
export interface RestoredDatabase {
  database: TestDatabase
  /** The account that came back with it. */
  userId: string
  /** The token of a session of that account, good when the backup was made. */
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
    // It raises where the session is not good.
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
