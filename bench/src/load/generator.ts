import { setTimeout as pause } from 'node:timers/promises'
import { cpuOfTree } from '../measure/processes.ts'
import { quantile } from '../report/stats.ts'
import { CALLS, failureOf, isRefusal } from '../subjects/calls.ts'
import { openConnection } from './http.ts'
import type { Job, Measured, Reply } from './job.ts'
import { startOpenLoop } from './open-loop.ts'
import { createCallSpecs } from './call-specs.ts'

type Connection = ReturnType<typeof openConnection>

/** If calls are slower than the measured time, it is extended up to 8 times, until 3 calls have finished. */
const MIN_CALLS = 3
const MAX_EXTENSION = 8
const DRAIN_MS = 15_000

/** Runs a job and returns the measurement. This program is a child process that receives jobs from its parent. */
async function run(job: Job): Promise<Measured> {
  const { subject, work, port, connections, warmMs, runMs, rate } = job
  const calls = CALLS[subject]
  const specs = createCallSpecs(job.model, job.seed, job.depth)
  const times: number[] = []
  const state = { isMeasuring: false, isOver: false, inFlight: 0, refused: 0, bytes: 0 }
  const failure = Promise.withResolvers<never>()
  const fail = (reason: string): void => failure.reject(new Error(`${subject} failed at ${work}: ${reason}`))
  const orFail = async (work: Promise<unknown>): Promise<unknown> => await Promise.race([work, failure.promise])
  // Bodies are parsed only for subjects that report errors with status 200.
  const pool = Array.from({ length: connections }, () => openConnection(port, calls.errorsInBody === true, fail))

  function send(connection: Connection, since: number, then: () => void): void {
    const spec = specs.next(work)
    const cursor = spec.work === 'page' ? job.cursors[spec.depth / job.cursorStep] : undefined
    const call = calls.call(spec, cursor)
    if (call === undefined) return fail('the subject has no such call')
    state.inFlight++
    connection.send(call, (response) => {
      state.inFlight--
      const refused = isRefusal(response)
      const reason = refused ? undefined : failureOf(calls, response)
      if (reason !== undefined) return fail(reason)
      if (state.isMeasuring && refused) state.refused++
      else if (state.isMeasuring) {
        times.push(performance.now() - since)
        state.bytes += response.bytes
      }
      if (!state.isOver) then()
    })
  }
  const sendRepeatedly = (connection: Connection): void =>
    send(connection, performance.now(), () => sendRepeatedly(connection))

  try {
    if (rate === undefined) pool.forEach(sendRepeatedly)
    else startOpenLoop({ rate, seed: job.seed, pool, send, isOver: () => state.isOver })
    await orFail(pause(warmMs))
    const before = snapshot(job)
    state.isMeasuring = true
    await orFail(pause(runMs))
    const latest = before.at + runMs * MAX_EXTENSION
    while (times.length < MIN_CALLS && performance.now() < latest) await orFail(pause(50))
    const after = snapshot(job)
    state.isMeasuring = false
    state.isOver = true
    // Calls in flight would continue in the database during the next measurement.
    const deadline = performance.now() + DRAIN_MS
    while (state.inFlight > 0 && performance.now() < deadline) await orFail(pause(2))
    return summarise(times, state, before, after)
  } finally {
    state.isOver = true
    for (const connection of pool) connection.close()
  }
}

function summarise(
  times: number[],
  { bytes, refused }: { bytes: number; refused: number },
  before: Snapshot,
  after: Snapshot,
): Measured {
  const seconds = (after.at - before.at) / 1000
  times.sort((a, b) => a - b)
  const perCall = (sum: number): number => sum / Math.max(1, times.length)
  return {
    calls: times.length,
    refused,
    rate: times.length / seconds,
    p50: quantile(times, 0.5),
    p95: quantile(times, 0.95),
    p99: quantile(times, 0.99),
    max: times.at(-1) ?? 0,
    cpuServerUs: perCall(after.server - before.server),
    cpuDatabaseUs: perCall(after.database - before.database),
    bytes: perCall(bytes),
    generatorLoad: (after.own - before.own) / 1e6 / seconds,
  }
}

interface Snapshot {
  own: number
  server: number
  database: number
  at: number
}

function snapshot({ serverPid, postmasterPid }: Job): Snapshot {
  const { user, system } = process.cpuUsage()
  return {
    own: user + system,
    server: cpuOfTree(serverPid),
    database: cpuOfTree(postmasterPid),
    at: performance.now(),
  }
}

process.on('message', (job: Job) => {
  const send = (reply: Reply): void => void process.send?.(reply)
  run(job).then(
    (measured) => send({ ok: true, measured }),
    (error: unknown) => send({ ok: false, reason: error instanceof Error ? error.message : String(error) }),
  )
})
// The parent has ended.
process.on('disconnect', () => process.exit())
