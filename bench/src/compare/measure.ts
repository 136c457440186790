import { DEFINITIONS, type Operation, prepare, type Prepared } from './operations.ts'
import type { Side } from './side.ts'

/** The results of one side in one round. */
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
  report(line: string): void
}

interface SideState {
  side: Side
  prepared: Prepared[]
  /** Number of calls so far, by caller. */
  calls: number[]
  rounds: Round[]
}

/** Warms up both sides, then measures them in alternation. Every second round has the other order. */
export async function measure({
  operation,
  rounds,
  roundMs,
  warmMs,
  signal,
  report,
  ...sides
}: MeasureOptions): Promise<Compared> {
  const before = await prepareSide(sides.before, operation)
  const after = await prepareSide(sides.after, operation)
  const sidesByName = [
    ['before', before],
    ['after', after],
  ] as const
  for (const [name, state] of sidesByName) {
    report(`${operation}: warming up ${name}`)
    await runRound(state, operation, warmMs, signal)
  }
  for (let round = 1; round <= rounds; round++)
    for (const [name, state] of round % 2 === 1 ? sidesByName : sidesByName.toReversed()) {
      report(`${operation}: round ${round} of ${rounds}, ${name}`)
      state.rounds.push(await runRound(state, operation, roundMs, signal))
    }
  return { before: before.rounds, after: after.rounds }
}

async function prepareSide(side: Side, operation: Operation): Promise<SideState> {
  const prepared: Prepared[] = []
  for (const client of side.clients) prepared.push(await prepare(client, operation))
  return { side, prepared, calls: prepared.map(() => 0), rounds: [] }
}

async function runRound(state: SideState, operation: Operation, roundMs: number, signal: AbortSignal): Promise<Round> {
  const { call } = DEFINITIONS[operation]
  const { side, prepared, calls } = state
  let done = 0
  const cpuBefore = side.cpu()
  const clientBefore = process.cpuUsage()
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
  const clientCpu = process.cpuUsage(clientBefore)
  const cpuAfter = side.cpu()
  const cpuPerCall = (of: 'serviceUs' | 'postgresUs'): number | undefined =>
    cpuBefore === undefined || cpuAfter === undefined ? undefined : (cpuAfter[of] - cpuBefore[of]) / done
  return {
    rate: done / seconds,
    clientUs: (clientCpu.user + clientCpu.system) / done,
    serviceUs: cpuPerCall('serviceUs'),
    postgresUs: cpuPerCall('postgresUs'),
  }
}
