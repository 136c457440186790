import { isStale } from './driver.ts'
import { codeOf, databaseError } from '../errors.ts'
import type { Outcome, Sent, PooledConnection } from './pooled-connection.ts'

// The server has changed under this connection, as by a migration or a failover: connect anew.
const STALE = /^(0A000|26000|25006|XX)/

/** Runs one statement, which is a transaction by itself. */
export async function runStatement(slot: PooledConnection, statement: Sent): Promise<Outcome> {
  try {
    return await sendPrepared(slot, statement)
  } catch (error) {
    if (STALE.test(codeOf(error))) slot.destroy()
    throw databaseError(error)
  }
}

async function sendPrepared(slot: PooledConnection, statement: Sent): Promise<Outcome> {
  try {
    return await slot.send(statement)
  } catch (error) {
    // Before anything was done: prepare it and go again.
    if (isStale(error)) return await slot.send(statement)
    throw error
  }
}
