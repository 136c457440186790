import { setTimeout as pause } from 'node:timers/promises'
import { cpuOfTree } from '../measure/processes.ts'
import { quantile } from '../report/stats.ts'
import { CALLS, failureOf, isRefusal } from '../subjects/calls.ts'
import { openConnection } from './http.ts'
import { warmUntilSteady, type Warmed, WINDOW_MS } from '../measure/warm-up.ts'
import type { Job, Measured, Reply, Task } from './job.ts'
import { startOpenLoop } from './open-loop.ts'
import { createCallSpecs } from './call-specs.ts'

type Connection = ReturnType<typeof openConnection>

/** The measured time is extended until 3 calls have finished, to at most 8 times its length. */
const MIN_CALLS = 3
const MAX_EXTENSION = 8
const DRAIN_MS = 15_000

/** Calls under way. */
interface Load {
  times: number[]
  counts: { refused: number; bytes: number }
  /** Calls are counted only while this is set. */
  setMeasuring(isMeasuring: boolean): void
  /** Waits for the promise, or throws if a call fails. */
  orFail<T>(work: Promise<T>): Promise<T>
  /** Sends no more calls, and waits for those in flight. */
  stop(): Promise<void>
  close(): void
}

/** Sends calls until stopped. This program is a child process that receives its tasks from its parent. */
function startLoad(job: Job): Load {
  const { subject, work, port, connections, rate } = job
  const calls = CALLS[subject]
  const specs = createCallSpecs(job.model, job.seed, job.depth)
  const times: number[] = []
  const counts = { refused: 0, bytes: 0 }
  const state = { isMeasuring: false, isOver: false, inFlight: 0 }
  const failure = Promise.withResolvers<never>()
  // orFail() throws the failure. While no orFail() waits, the failure must not end the process.
  failure.promise.catch(() => {})
  const fail = (reason: string): void => failure.reject(new Error(`${subject} failed at ${work}: ${reason}`))
  // Bodies are kept only for subjects that report errors with status 200.
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
      if (state.isMeasuring && refused) counts.refused++
      else if (state.isMeasuring) {
        times.push(performance.now() - since)
        counts.bytes += response.bytes
      }
      if (!state.isOver) then()
    })
  }
  const sendRepeatedly = (connection: Connection): void =>
    send(connection, performance.now(), () => sendRepeatedly(connection))

  if (rate === undefined) pool.forEach(sendRepeatedly)
  else startOpenLoop({ rate, seed: job.seed, pool, send, isOver: () => state.isOver })
  return {
    times,
    counts,
    setMeasuring: (isMeasuring) => void (state.isMeasuring = isMeasuring),
    orFail: async (work) => await Promise.race([work, failure.promise]),
    async stop() {
      state.isOver = true
      // Calls in flight would continue in the database during the next measurement.
      const deadline = performance.now() + DRAIN_MS
      while (state.inFlight > 0 && performance.now() < deadline) await this.orFail(pause(2))
    },
    close() {
      state.isOver = true
      for (const connection of pool) connection.close()
    },
  }
}

async function measure(job: Job): Promise<Measured> {
  const load = startLoad(job)
  try {
    await load.orFail(pause(job.warmMs))
    const before = snapshot(job)
    load.setMeasuring(true)
    await load.orFail(pause(job.runMs))
    const latest = before.at + job.runMs * MAX_EXTENSION
    while (load.times.length < MIN_CALLS && performance.now() < latest) await load.orFail(pause(50))
    const after = snapshot(job)
    load.setMeasuring(false)
    await load.stop()
    return summarise(load.times, load.counts, before, after)
  } finally {
    load.close()
  }
}

async function warm(job: Job, limitMs: number): Promise<Warmed> {
  const load = startLoad(job)
  try {
    load.setMeasuring(true)
    const warmed = await warmUntilSteady(async () => {
      const before = load.times.length
      await load.orFail(pause(WINDOW_MS))
      return load.times.length - before
    }, limitMs)
    await load.stop()
    return warmed
  } finally {
    load.close()
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

process.on('message', ({ job, limitMs }: Task) => {
  const send = (reply: Reply): void => void process.send?.(reply)
  const run =
    limitMs === undefined
      ? measure(job).then((measured) => ({ measured }))
      : warm(job, limitMs).then((warmed) => ({ warmed }))
  run.then(send, (error: unknown) => send({ reason: error instanceof Error ? error.message : String(error) }))
})
// The parent has ended.
process.on('disconnect', () => process.exit())
