import { isStale } from './driver.ts'
import { codeOf, DatabaseError, databaseError } from './errors.ts'
import type { Outcome, Sent, Slot } from './slot.ts'

export const BEGIN: Sent = { text: 'begin isolation level read committed', parameters: [], bare: true }
export const COMMIT: Sent = { text: 'commit', parameters: [], bare: true }

// The server has changed under this connection, as by a migration or a failover: connect anew.
const STALE = /^(0A000|26000|25006|XX)/

/**
 * One transaction, sent whole. It has succeeded only if every statement did and the last one's tag
 * is COMMIT: after an error in the middle, COMMIT succeeds with the tag ROLLBACK.
 */
export async function transact(slot: Slot, statements: readonly Sent[]): Promise<Outcome[]> {
  let results = await slot.send(statements)
  // The transaction is known to be rolled back: prepare it and go again.
  if (commandOf(results) === 'ROLLBACK' && results.some(hasGoneStale)) results = await slot.send(statements)
  const outcomes = results.map((result) => fulfilled(slot, result))
  const command = commandOf(results)
  if (command !== 'COMMIT') throw new DatabaseError('unavailable', `The transaction ended with ${command ?? 'nothing'}`)
  return outcomes
}

/** One statement outside of any transaction, which is its own. */
export async function runAlone(slot: Slot, statement: Sent): Promise<Outcome> {
  let [result] = await slot.send([statement])
  // Before anything was done: prepare it and go again.
  if (result !== undefined && hasGoneStale(result)) [result] = await slot.send([statement])
  return fulfilled(slot, result)
}

const hasGoneStale = (result: PromiseSettledResult<Outcome>): boolean =>
  result.status === 'rejected' && isStale(result.reason)

function fulfilled(slot: Slot, result: PromiseSettledResult<Outcome> | undefined): Outcome {
  if (result?.status === 'fulfilled') return result.value
  if (STALE.test(codeOf(result?.reason))) slot.destroy()
  throw databaseError(result?.reason)
}

function commandOf(results: readonly PromiseSettledResult<Outcome>[]): string | undefined {
  const last = results.at(-1)
  return last?.status === 'fulfilled' ? last.value.command : undefined
}
