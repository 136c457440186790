import { type Database, sql, statement } from '@taskwire/db'
import type { FastifyBaseLogger } from 'fastify'

export interface SweeperOptions {
  database: Database
  changesKeptDays: number
  log: FastifyBaseLogger
}

const EVERY_MS = 10 * 60_000
const ROWS = 5000
// So many batches at most each time: other processes sweep as well.
const BATCHES = 200

/** Drops what has been kept long enough, now and then; gives what stops it. */
export function startSweeper(options: SweeperOptions): () => void {
  const timer = setInterval(() => {
    sweep(options).catch((error: unknown) => options.log.warn({ err: error }, 'could not sweep'))
  }, EVERY_MS)
  timer.unref()
  return () => clearInterval(timer)
}

/** Drops all that has been kept long enough, in batches; gives the number of rows. */
export async function sweep({ database, changesKeptDays }: Omit<SweeperOptions, 'log'>): Promise<number> {
  let all = 0
  for (let batch = 0; batch < BATCHES; batch++) {
    const [row] = await database.query(
      statement(sql`select tw.sweep(${changesKeptDays}::int, ${ROWS}::int) as dropped`),
    )
    const dropped = Number(row?.['dropped'])
    if (dropped === 0) break
    all += dropped
  }
  return all
}
