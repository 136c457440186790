import { DESCRIBED, type Operation, prepare, type Prepared } from './operations.ts'
import type { Side } from './side.ts'

/** One side's turn at one operation. */
export interface Round {
  /** Calls a second. */
  rate: number
  /** CPU time of one call, in microseconds. */
  clientUs: number
  serviceUs: number | undefined
  postgresUs: number | undefined
}

export interface Compared {
  before: Round[]
  after: Round[]
}

export interface MeasureOptions {
  operation: Operation
  before: Side
  after: Side
  rounds: number
  roundMs: number
  warmMs: number
  signal: AbortSignal
  tell(line: string): void
}

interface Turn {
  side: Side
  prepared: Prepared[]
  /** Calls so far of each caller. */
  calls: number[]
  rounds: Round[]
}

/** Warms both sides, then measures them in turns; every second round in the other order. */
export async function measure({
  operation,
  rounds,
  roundMs,
  warmMs,
  signal,
  tell,
  ...sides
}: MeasureOptions): Promise<Compared> {
  const before = await turnOf(sides.before, operation)
  const after = await turnOf(sides.after, operation)
  const named = [
    ['before', before],
    ['after', after],
  ] as const
  for (const [name, turn] of named) {
    tell(`${operation}: warming up ${name}`)
    await runRound(turn, operation, warmMs, signal)
  }
  for (let round = 1; round <= rounds; round++)
    for (const [name, turn] of round % 2 === 1 ? named : named.toReversed()) {
      tell(`${operation}: round ${round} of ${rounds}, ${name}`)
      turn.rounds.push(await runRound(turn, operation, roundMs, signal))
    }
  return { before: before.rounds, after: after.rounds }
}

async function turnOf(side: Side, operation: Operation): Promise<Turn> {
  const prepared: Prepared[] = []
  for (const client of side.clients) prepared.push(await prepare(client, operation))
  return { side, prepared, calls: prepared.map(() => 0), rounds: [] }
}

async function runRound(turn: Turn, operation: Operation, roundMs: number, signal: AbortSignal): Promise<Round> {
  const { call } = DESCRIBED[operation]
  const { side, prepared, calls } = turn
  let done = 0
  const cpuBefore = side.cpu()
  const ownBefore = process.cpuUsage()
  const began = performance.now()
  await Promise.all(
    prepared.map(async (one, caller) => {
      while (performance.now() < began + roundMs) {
        signal.throwIfAborted()
        const n = calls[caller] ?? 0
        calls[caller] = n + 1
        await call(one, n)
        done++
      }
    }),
  )
  const seconds = (performance.now() - began) / 1000
  const own = process.cpuUsage(ownBefore)
  const cpuAfter = side.cpu()
  const used = (of: 'serviceUs' | 'postgresUs'): number | undefined =>
    cpuBefore === undefined || cpuAfter === undefined ? undefined : (cpuAfter[of] - cpuBefore[of]) / done
  return {
    rate: done / seconds,
    clientUs: (own.user + own.system) / done,
    serviceUs: used('serviceUs'),
    postgresUs: used('postgresUs'),
  }
}
