import { setTimeout as pause } from 'node:timers/promises'
import { cpuOfFamily } from '../measure/processes.ts'
import { quantile } from '../report/stats.ts'
import { CALLS, failureOf, isRefusal } from '../subjects/calls.ts'
import { openConnection } from './http.ts'
import type { Job, Measured, Reply } from './job.ts'
import { startOpenLoop } from './open-loop.ts'
import { createPicks } from './picks.ts'

type Connection = ReturnType<typeof openConnection>

/** Calls that are slower than the measured time: so many are waited for, for so many times as long. */
const FEWEST_CALLS = 3
const MOST_TIMES_AS_LONG = 8
const DRAIN_MS = 15_000

/** Runs in a process of its own: takes jobs from its parent, and answers each with what it measured. */
async function run(job: Job): Promise<Measured> {
  const { subject, work, port, connections, warmMs, runMs, rate } = job
  const calls = CALLS[subject]
  const picks = createPicks(job.model, job.seed, job.depth)
  const times: number[] = []
  const state = { measuring: false, over: false, underWay: 0, refused: 0, bytes: 0 }
  const failure = Promise.withResolvers<never>()
  const fail = (why: string): void => failure.reject(new Error(`${subject} failed at ${work}: ${why}`))
  const orFail = async (work: Promise<unknown>): Promise<unknown> => await Promise.race([work, failure.promise])
  // Bodies are looked at only where a failure hides in them; what a status tells needs none.
  const pool = Array.from({ length: connections }, () => openConnection(port, calls.errorsInBody === true, fail))

  function ask(connection: Connection, since: number, then: () => void): void {
    const pick = picks.next(work)
    const cursor = pick.work === 'page' ? job.cursors[pick.depth / job.cursorStep] : undefined
    const call = calls.call(pick, cursor)
    if (call === undefined) return fail('it has no such call')
    state.underWay++
    connection.send(call, (answer) => {
      state.underWay--
      const refused = isRefusal(answer)
      const why = refused ? undefined : failureOf(calls, answer)
      if (why !== undefined) return fail(why)
      if (state.measuring && refused) state.refused++
      else if (state.measuring) {
        times.push(performance.now() - since)
        state.bytes += answer.bytes
      }
      if (!state.over) then()
    })
  }
  const again = (connection: Connection): void => ask(connection, performance.now(), () => again(connection))

  try {
    if (rate === undefined) pool.forEach(again)
    else startOpenLoop({ rate, seed: job.seed, pool, ask, isOver: () => state.over })
    await orFail(pause(warmMs))
    const before = snapshot(job)
    state.measuring = true
    await orFail(pause(runMs))
    const latest = before.at + runMs * MOST_TIMES_AS_LONG
    while (times.length < FEWEST_CALLS && performance.now() < latest) await orFail(pause(50))
    const after = snapshot(job)
    state.measuring = false
    state.over = true
    // What is under way would run on in the database, beside the next subject.
    const late = performance.now() + DRAIN_MS
    while (state.underWay > 0 && performance.now() < late) await orFail(pause(2))
    return figures(times, state, before, after)
  } finally {
    state.over = true
    for (const connection of pool) connection.close()
  }
}

function figures(
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
    server: cpuOfFamily(serverPid),
    database: cpuOfFamily(postmasterPid),
    at: performance.now(),
  }
}

process.on('message', (job: Job) => {
  const send = (reply: Reply): void => void process.send?.(reply)
  run(job).then(
    (measured) => send({ ok: true, measured }),
    (error: unknown) => send({ ok: false, why: error instanceof Error ? error.message : String(error) }),
  )
})
// With its parent gone nobody waits for it.
process.on('disconnect', () => process.exit())
