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
import { tallyFigures } from '../writers.ts'

export const promise =
  'A rolling restart fails no call, without any retry of the clients, and leaves no gap in a stream; a process of the release before that starts beside it leaves the functions of the newer one alone.'
export const sabotage =
  'both instances are restarted at the same time, and the functions are those of the process that started last'

const SIZES = {
  // The grace is longer than the balancer takes to notice, on a busy machine too; and no time is asserted there.
  short: { restarts: 2, perSecond: 20, users: 10, streams: 10, graceMs: 3000, exitMs: Infinity },
  long: { restarts: 20, perSecond: 200, users: 50, streams: 500, graceMs: 1000, exitMs: 5000 },
}
export async function run({ seed, size, saboteur = false, say }: Options): Promise<Result> {
  const { restarts, perSecond, users: count, streams, graceMs, exitMs } = SIZES[size]
  const random = createRandom(seed)
  await using server = await startServer()
  await using fleet = await startFleet(server, { settings: { SHUTDOWN_GRACE_MS: String(graceMs) } })
  const { instances, balancer } = fleet
  for (const instance of instances) await balancer.serves(instance)
  // None waits longer for its answer than the service works at it.
  const users = await server.addUsers(count, random)
  const clients = users.map((user) => clientOf(balancer.url, user, 30_000))

  const tally = newTally()
  const red: string[] = []
  const failures = new Map<string, number>()
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
    // Where others use the machine too, a refusal for want of capacity or time says nothing of the restart.
    if (size === 'short' && ['OVERLOADED', 'TIMEOUT'].includes(outcome.failure.appCode)) return
    const why = `${outcome.failure.appCode}: ${outcome.failure.message}`
    failures.set(why, (failures.get(why) ?? 0) + 1)
  }

  // By the clock, whether or not the calls before have been answered.
  async function offer(): Promise<void> {
    const began = performance.now()
    for (let nr = 0; !finished.signal.aborted; nr++) {
      const due = began + (nr * 1000) / perSecond
      const early = due - performance.now()
      if (early > 0) await pause(early)
      const calling = call(random.pick(clients), nr)
      calls.add(calling)
      void calling.finally(() => calls.delete(calling))
    }
  }

  const ended = new AbortController()
  const received = Array.from({ length: streams }, (_, nr): { userId: string; revisions: number[]; live: boolean } => {
    return { userId: users[nr % count]?.id ?? '', revisions: [], live: false }
  })
  // As who deploys waits for what has been replaced to carry its part.
  const allLive = async (): Promise<void> =>
    await until('the streams to be live', () => received.every(({ live }) => live))
  const following = Promise.all(
    received.map(async (own, nr) => {
      const client = clients[nr % count]
      await client?.changes.follow({
        after: 0,
        signal: ended.signal,
        onChange: ({ revision }) => void own.revisions.push(revision),
        onStatus: ({ state }) => {
          own.live = state === 'live'
        },
      })
    }),
  )
  // Told below.
  following.catch(() => {})

  const exits: number[] = []
  async function restart(instance: Instance): Promise<void> {
    const { code, ms } = await instance.stop()
    exits.push(ms)
    expectThat(red, code === 0, `an instance ended with ${code}: ${instance.said().slice(-500)}`)
    expectThat(red, ms <= exitMs, `an instance took ${Math.round(ms)} ms to end`)
    await instance.start()
    await balancer.serves(instance)
  }

  await allLive()
  const offering = offer()
  for (let nr = 1; nr <= restarts; nr++) {
    const instance = instances[nr % instances.length]
    if (instance === undefined) throw new Error('There are no instances')
    await Promise.all((saboteur ? instances : [instance]).map(restart))
    await allLive()
    say(`${nr} of ${restarts} restarts, ${tally.ok} calls ok, ${tally.failed + tally.unknown} not`)
  }
  await startReleaseBefore(server, saboteur)
  const done = (): number => tally.ok + tally.failed + tally.unknown
  const before = done()
  await until('calls beside the release before', () => done() > before + perSecond)
  finished.abort()
  await offering
  await Promise.all(calls)
  let headOf = new Map<string, number>()
  const isWhole = ({ userId, revisions }: (typeof received)[number]): boolean =>
    revisions.length === headOf.get(userId) && revisions.every((revision, at) => revision === at + 1)
  await until('the streams to have everything', async () => {
    // Each time anew: what was refused for want of time may be done later.
    // A personal space has the id of its account.
    const spaces = await server.query<{ id: string; revision: number }>('select id, revision::int from tw.spaces')
    headOf = new Map(spaces.map(({ id, revision }) => [id, revision]))
    return received.every(isWhole)
  }).catch(() => {})
  ended.abort()
  await following
  const gaps = received.filter((one) => !isWhole(one)).length
  const older = [...failures.keys()].some((why) => why.startsWith('INTERNAL'))
  expectThat(red, gaps === 0, `${gaps} of ${streams} streams had a gap, a repeat or an end`)
  // Of the saboteur's two faults both are to be found.
  if (saboteur && !(older && failures.size > 1)) return { figures: {}, red: [] }
  for (const [why, count] of failures) red.push(`${count} calls failed: ${why}`)
  return {
    figures: {
      restarts,
      'calls a second': perSecond,
      streams,
      'streams with a gap': gaps,
      balancer: balancer.kind,
      ...tallyFigures(tally),
      'slowest exit, ms': Math.round(Math.max(...exits)),
    },
    red,
  }
}

/** What a process of the release before does first, when it is started again beside newer ones. */
async function startReleaseBefore(server: Server, lastOneWins: boolean): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'taskwire-functions-'))
  try {
    await cp(functionsDirectory, directory, { recursive: true })
    await writeFile(join(directory, RELEASE_FILE), JSON.stringify({ release: readFunctions().release - 1, hash: '' }))
    // With it no call of this release works.
    await writeFile(
      join(directory, 'tasks', 'task_json.sql'),
      `create or replace function tw.task_json(t tw.tasks) returns json language plpgsql stable as
        $$ begin raise 'a function of the release before'; end $$;`,
    )
    if (lastOneWins) await server.query('delete from tw_migrations.functions')
    await migrate({ address: server.address('taskwire_owner'), functionsDirectory: directory })
  } finally {
    await rm(directory, { recursive: true })
  }
}
