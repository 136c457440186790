import { type Database, sql, statement } from '@taskwire/db'
import type { FastifyBaseLogger } from 'fastify'

export interface SweeperOptions {
  database: Database
  changesKeptDays: number
  log: FastifyBaseLogger
}

const EVERY_MS = 10 * 60_000
const ROWS = 5000
// Most batches of one run. What remains is deleted by the next run, or by another process.
const BATCHES = 200

/** Deletes expired rows every ten minutes; returns a function that stops it. */
export function startSweeper(options: SweeperOptions): () => void {
  const timer = setInterval(() => {
    sweep(options).catch((error: unknown) => options.log.warn({ err: error }, 'could not delete expired rows'))
  }, EVERY_MS)
  timer.unref()
  return () => clearInterval(timer)
}

/** Deletes expired rows in batches; returns their number. */
export async function sweep({ database, changesKeptDays }: Omit<SweeperOptions, 'log'>): Promise<number> {
  let total = 0
  for (let batch = 0; batch < BATCHES; batch++) {
    const [row] = await database.query(
      statement(sql`select tw.sweep(${changesKeptDays}::int, ${ROWS}::int) as dropped`),
    )
    const dropped = Number(row?.['dropped'])
    if (dropped === 0) break
    total += dropped
  }
  return total
}
