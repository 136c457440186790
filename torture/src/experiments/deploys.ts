// Restarts two instances behind a balancer in turn, while clients that never retry send calls at a fixed rate and
// streams are open. Then does what a process of the previous release does when it starts beside them.
// Fails if a call fails, a stream has a gap or a repeat, an instance does not exit with 0 in time, or the previous
// release replaces the functions of the newer one.

import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Client } from '@taskwire/client'
import { functionsDirectory, migrate, readFunctions, RELEASE_FILE } from '@taskwire/db'
import { attempt, newTally } from '../calls.ts'
import { expectThat, type Options, type Result } from '../experiment.ts'
import { startFleet } from '../fleet.ts'
import { clientOf, type Instance } from '../instance.ts'
import { until } from '../processes.ts'
import { createRandom } from '../random.ts'
import { type Server, startServer } from '../server.ts'
import { tallyMetrics } from '../writers.ts'

export const promise =
  'A rolling restart fails no call of clients that never retry, and leaves no gap in a stream. A process of the previous release that starts meanwhile does not replace the newer functions.'
export const negativeControl =
  'both instances restart at the same time, and the last process that starts replaces the functions'

const SIZES = {
  // Within the grace period the balancer notices the shutdown, even on a busy machine. No time is asserted.
  short: { restarts: 2, perSecond: 20, users: 10, streams: 10, graceMs: 3000, exitMs: Infinity },
  long: { restarts: 20, perSecond: 200, users: 50, streams: 500, graceMs: 1000, exitMs: 5000 },
}
export async function run({ seed, size, isNegativeControl = false, print }: Options): Promise<Result> {
  const { restarts, perSecond, users: count, streams, graceMs, exitMs } = SIZES[size]
  const random = createRandom(seed)
  await using server = await startServer()
  await using fleet = await startFleet(server, { settings: { SHUTDOWN_GRACE_MS: String(graceMs) } })
  const { instances, balancer } = fleet
  for (const instance of instances) await balancer.waitFor(instance)
  const users = await server.addUsers(count, random)
  // The time-out is longer than the deadline of the service.
  const clients = users.map((user) => clientOf(balancer.url, user, 30_000))

  const tally = newTally()
  const violations: string[] = []
  const failedCalls = new Map<string, number>()
  const calls = new Set<Promise<void>>()
  const finished = new AbortController()

  async function call(client: Client, nr: number): Promise<void> {
    const outcome = await attempt(
      tally,
      async () =>
        await (nr % 3 === 0
          ? client.tasks.create.mutate({ title: `call ${nr}` })
          : client.tasks.list.query({ limit: 10 })),
    )
    if (outcome.kind === 'ok') return
    // On a busy machine these errors say nothing about the restart.
    if (size === 'short' && ['OVERLOADED', 'TIMEOUT'].includes(outcome.failure.appCode)) return
    const reason = `${outcome.failure.appCode}: ${outcome.failure.message}`
    failedCalls.set(reason, (failedCalls.get(reason) ?? 0) + 1)
  }

  /** Sends calls at a fixed rate, whether or not earlier ones have a response. */
  async function sendCalls(): Promise<void> {
    const began = performance.now()
    for (let nr = 0; !finished.signal.aborted; nr++) {
      const due = began + (nr * 1000) / perSecond
      const earlyMs = due - performance.now()
      if (earlyMs > 0) await pause(earlyMs)
      const calling = call(random.pick(clients), nr)
      calls.add(calling)
      void calling.finally(() => calls.delete(calling))
    }
  }

  const ended = new AbortController()
  const received = Array.from(
    { length: streams },
    (_, nr): { userId: string; revisions: number[]; isLive: boolean } => {
      return { userId: users[nr % count]?.id ?? '', revisions: [], isLive: false }
    },
  )
  // Before the next restart, waits until all streams are live again, as an operator would.
  const waitForStreams = async (): Promise<void> =>
    await until('the streams to be live', () => received.every(({ isLive }) => isLive))
  const following = Promise.all(
    received.map(async (own, nr) => {
      const client = clients[nr % count]
      await client?.changes.follow({
        after: 0,
        signal: ended.signal,
        onChange: ({ revision }) => void own.revisions.push(revision),
        onStatus: ({ state }) => {
          own.isLive = state === 'live'
        },
      })
    }),
  )
  // A rejection is handled where `following` is awaited.
  following.catch(() => {})

  const exits: number[] = []
  async function restart(instance: Instance): Promise<void> {
    const { code, ms } = await instance.stop()
    exits.push(ms)
    expectThat(violations, code === 0, `an instance exited with ${code}: ${instance.output().slice(-500)}`)
    expectThat(violations, ms <= exitMs, `an instance took ${Math.round(ms)} ms to exit`)
    await instance.start()
    await balancer.waitFor(instance)
  }

  await waitForStreams()
  const sending = sendCalls()
  for (let nr = 1; nr <= restarts; nr++) {
    const instance = instances[nr % instances.length]
    if (instance === undefined) throw new Error('The fleet has no instances')
    await Promise.all((isNegativeControl ? instances : [instance]).map(restart))
    await waitForStreams()
    print(`${nr} of ${restarts} restarts, ${tally.ok} calls ok, ${tally.failed + tally.unknown} not ok`)
  }
  await startPreviousRelease(server, isNegativeControl)
  const countCalls = (): number => tally.ok + tally.failed + tally.unknown
  const before = countCalls()
  await until('calls beside the previous release', () => countCalls() > before + perSecond)
  finished.abort()
  await sending
  await Promise.all(calls)
  let headOf = new Map<string, number>()
  const isWhole = ({ userId, revisions }: (typeof received)[number]): boolean =>
    revisions.length === headOf.get(userId) && revisions.every((revision, at) => revision === at + 1)
  await until('the streams to be complete', async () => {
    // The heads are read each time, because a call that timed out may still commit.
    // A personal space has the id of its account.
    const spaces = await server.query<{ id: string; revision: number }>('select id, revision::int from tw.spaces')
    headOf = new Map(spaces.map(({ id, revision }) => [id, revision]))
    return received.every(isWhole)
  }).catch(() => {})
  ended.abort()
  await following
  const gaps = received.filter((one) => !isWhole(one)).length
  const calledOldFunction = [...failedCalls.keys()].some((reason) => reason.startsWith('INTERNAL'))
  expectThat(violations, gaps === 0, `${gaps} of ${streams} streams had a gap or a repeat, or ended early`)
  // Both faults of the negative control have to be detected.
  if (isNegativeControl && !(calledOldFunction && failedCalls.size > 1)) return { metrics: {}, violations: [] }
  for (const [reason, times] of failedCalls) violations.push(`${times} calls failed: ${reason}`)
  return {
    metrics: {
      restarts,
      'calls a second': perSecond,
      streams,
      'streams with a gap': gaps,
      balancer: balancer.kind,
      ...tallyMetrics(tally),
      'slowest exit, ms': Math.round(Math.max(...exits)),
    },
    violations,
  }
}

/** Does what a process of the previous release does at its start: migrates, with its own functions. */
async function startPreviousRelease(server: Server, replacesFunctions: boolean): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'taskwire-functions-'))
  try {
    await cp(functionsDirectory, directory, { recursive: true })
    await writeFile(join(directory, RELEASE_FILE), JSON.stringify({ release: readFunctions().release - 1, hash: '' }))
    // If this function replaced the newer one, every create would fail.
    await writeFile(
      join(directory, 'tasks', 'task_json.sql'),
      `create or replace function tw.task_json(t tw.tasks) returns json language plpgsql stable as
        $$ begin raise 'a function of the previous release'; end $$;`,
    )
    if (replacesFunctions) await server.query('delete from tw_migrations.functions')
    await migrate({ address: server.address('taskwire_owner'), functionsDirectory: directory })
  } finally {
    await rm(directory, { recursive: true })
  }
}
