import type { Pool } from './pool.ts'
import type { PooledConnection } from './pooled-connection.ts'
import type { Statement } from '../statement.ts'

/**
 * Runs a read that takes PostgreSQL less than a millisecond, possibly in the line of a connection: the statement is sent
 * before the replies to those in front of it have arrived. That costs PostgreSQL and the driver about half of what a
 * connection of its own does. It cannot be cancelled. Throws a DatabaseError.
 */
export type RunShortRead<T> = (statement: Statement) => Promise<T>

export interface ShortReadsOptions<T> {
  pool: Pick<Pool, 'use'>
  run(connection: PooledConnection, statement: Statement): Promise<T>
  /** With fewer lines than this, a read begins another one, on a free connection. */
  lines: number
  /** Milliseconds for a read, with the wait for a connection. Those in a line share the time of the first. */
  deadlineMs: number
}

/** The reads in progress on one connection. */
interface Line {
  connection: PooledConnection
  length: number
  beganAt: number
  /** When the read that is now the first became the first. */
  firstSince: number
  end(error?: unknown): void
}

const MOST_IN_LINE = 16
/** No read joins behind one that takes longer than this, in milliseconds. */
const SLOW_MS = 10
/** No read joins an older line, in milliseconds, so that its connection returns to the pool within the deadline. */
const OLD_MS = 1000

export function createShortReads<T>(options: ShortReadsOptions<T>): RunShortRead<T> {
  const { pool, run, lines: fewest, deadlineMs } = options
  const lines = new Set<Line>()
  /** Lines whose connection is not there yet. */
  const beginning = new Set<Promise<Line>>()

  /** Begins a line with one read when a connection is free, which returns to the pool when the line is empty. */
  async function begin(): Promise<Line> {
    const began = Promise.withResolvers<Line>()
    beginning.add(began.promise)
    pool
      .use(deadlineMs, async (connection) => {
        const { promise: ended, resolve, reject } = Promise.withResolvers<void>()
        const now = performance.now()
        // A lost connection is the pool's concern too.
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
