import { isStale } from './driver.ts'
import { codeOf, databaseError } from '../errors.ts'
import type { Outcome } from './outcome.ts'
import type { Sent, PooledConnection } from './pooled-connection.ts'

// SQLSTATEs that show that the server has changed since the connection was opened, for example by a migration or a
// failover. The connection is then destroyed.
const SERVER_CHANGED = /^(0A000|26000|25006|XX)/

/** Runs one statement, in a transaction of its own. Throws a DatabaseError. */
export async function runStatement(connection: PooledConnection, statement: Sent): Promise<Outcome> {
  try {
    return await sendPrepared(connection, statement)
  } catch (error) {
    if (SERVER_CHANGED.test(codeOf(error))) connection.destroy()
    throw databaseError(error)
  }
}

async function sendPrepared(connection: PooledConnection, statement: Sent): Promise<Outcome> {
  try {
    return await connection.send(statement)
  } catch (error) {
    // The statement had no effect, so it can be prepared and sent again.
    if (isStale(error)) return await connection.send(statement)
    throw error
  }
}
