import type { Pool } from './pool.ts'
import type { PooledConnection } from './pooled-connection.ts'
import type { Statement } from '../statement.ts'

/**
 * Runs a read that takes PostgreSQL less than a millisecond. It may stand in line with other reads on one connection:
 * its statement is sent before their replies have arrived (pipelining). That costs PostgreSQL and the driver about half
 * of what a connection of its own costs. The read cannot be cancelled. Throws a DatabaseError.
 */
export type RunShortRead<T> = (statement: Statement) => Promise<T>

export interface ShortReadsOptions<T> {
  pool: Pick<Pool, 'use'>
  run(connection: PooledConnection, statement: Statement): Promise<T>
  /** While there are fewer lines than this, a read begins a new line, on a free connection. */
  lines: number
  /** Milliseconds for a read, including the wait for a connection. Reads that join a line share its time. */
  deadlineMs: number
}

/** The reads in progress on one connection, oldest first. */
interface Line {
  connection: PooledConnection
  length: number
  beganAt: number
  /** When the oldest read became the oldest. */
  firstSince: number
  end(error?: unknown): void
}

const MOST_IN_LINE = 16
/** No read joins a line whose oldest read has taken longer than this, in milliseconds. */
const SLOW_MS = 10
/** No read joins a line older than this, in milliseconds: its connection must return to the pool in time. */
const OLD_MS = 1000

export function createShortReads<T>(options: ShortReadsOptions<T>): RunShortRead<T> {
  const { pool, run, lines: fewest, deadlineMs } = options
  const lines = new Set<Line>()
  /** Lines that wait for their connection. */
  const beginning = new Set<Promise<Line>>()

  /** Begins a line of one read when a connection is free. The connection returns to the pool when the line is empty. */
  async function begin(): Promise<Line> {
    const began = Promise.withResolvers<Line>()
    beginning.add(began.promise)
    pool
      .use(deadlineMs, async (connection) => {
        const { promise: ended, resolve, reject } = Promise.withResolvers<void>()
        const now = performance.now()
        // The pool gets the error of a lost connection too; other errors concern the read alone.
        const end = (error?: unknown): void => (connection.closed ? reject(error) : resolve())
        const line: Line = { connection, length: 1, beganAt: now, firstSince: now, end }
        lines.add(line)
        began.resolve(line)
        await ended
      })
      .catch(began.reject)
    try {
      return await began.promise
    } finally {
      beginning.delete(began.promise)
    }
  }

  /** Adds a read to a line. */
  async function join(statement: Statement): Promise<Line> {
    for (;;) {
      const line = lines.size < fewest ? undefined : shortestFor(lines, statement)
      if (line !== undefined) {
        line.length++
        return line
      }
      const [next] = beginning
      if (next === undefined || lines.size + beginning.size < fewest) return await begin()
      await next.catch(() => {})
    }
  }

  return async (statement) => {
    const line = await join(statement)
    let failure: unknown
    try {
      return await run(line.connection, statement)
    } catch (error) {
      failure = error
      throw error
    } finally {
      line.firstSince = performance.now()
      if (--line.length === 0) {
        lines.delete(line)
        line.end(failure)
      }
    }
  }
}

/** The shortest line that the statement may join. */
function shortestFor(lines: ReadonlySet<Line>, statement: Statement): Line | undefined {
  const now = performance.now()
  let shortest: Line | undefined
  for (const line of lines) {
    const { connection, length, beganAt, firstSince } = line
    if (length >= (shortest?.length ?? MOST_IN_LINE) || now - firstSince > SLOW_MS || now - beganAt > OLD_MS) continue
    if (!connection.closed && connection.isPrepared(statement)) shortest = line
  }
  return shortest
}
