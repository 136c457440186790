import { setTimeout as pause } from 'node:timers/promises'
import type { Measured } from '../load/job.ts'
import { createCallSpecs, type CallSpec, type User } from '../load/call-specs.ts'
import { quantile } from '../report/stats.ts'
import { CALLS, type Calls, type Server } from '../subjects/calls.ts'
import { createSend } from './preflight.ts'
import { cpuOfTree, cpuOfProcess } from './processes.ts'
import type { Bench, Measurements, Ready } from './sides.ts'
import { measureInTurns, type Side } from './turns.ts'
import { warmUntilSteady, WINDOW_MS } from './warm-up.ts'

const STREAMS = 20
const ARRIVAL_TIMEOUT_MS = 5000

/**
 * Measures how long a Change takes to its subscriber: users follow their Changes while tasks are created for them. The
 * time runs from the response to the create until the Change arrives. Skips subjects without `feed`.
 */
export async function runFeed(bench: Bench): Promise<Measurements> {
  const { warmMs, runMs, seed } = bench.options
  const sides = [...bench.ready].flatMap(([name, ready]): Side[] => {
    const { feed } = CALLS[name]
    if (feed === undefined) return []
    const followFor = async (ms: number, seed: number): Promise<Measured> =>
      await follow(bench, { name, ready, feed, seed, ms })
    let windows = 0
    return [
      {
        name,
        warm: async (limitMs) =>
          await warmUntilSteady(async () => (await followFor(WINDOW_MS, seed - ++windows)).calls, limitMs),
        run: async (seed) => await followFor(warmMs + runMs, seed),
      },
    ]
  })
  return new Map([['feed', await measureInTurns(bench, 'feed', sides)]])
}

type Feed = NonNullable<Calls['feed']>

interface Follow {
  name: Server
  ready: Ready
  feed: Feed
  seed: number
  ms: number
}

async function follow({ database }: Bench, { name, ready: { server }, feed, seed, ms }: Follow): Promise<Measured> {
  const specs = createCallSpecs(database.model, seed)
  const arrived = new Map<string, number>()
  const ending = new AbortController()
  const created: [id: string, at: number][] = []
  const writers = Array.from({ length: STREAMS }, () => specs.next('create')).filter((spec) => spec.work === 'create')
  await Promise.all(writers.map(async ({ user }) => await open(feed, user, server.port, arrived, ending.signal)))
  const before = { server: cpuOfProcess(server.pid), database: cpuOfTree(database.postmasterPid) }
  const send = createSend(name, CALLS[name], server.port)
  const end = performance.now() + ms
  for (let n = 0; performance.now() < end; n++) {
    const fresh = specs.next('create')
    const writer = writers[n % writers.length]
    if (fresh.work !== 'create' || writer === undefined) continue
    const spec: CallSpec = { ...fresh, user: writer.user }
    const call = CALLS[name].call(spec, undefined)
    if (call === undefined) break
    const [task] = CALLS[name].tasks(spec, await send(call, 'create'))
    created.push([task?.id ?? '', performance.now()])
  }
  const deadline = performance.now() + ARRIVAL_TIMEOUT_MS
  while (created.some(([id]) => !arrived.has(id)) && performance.now() < deadline) await pause(10)
  const after = { server: cpuOfProcess(server.pid), database: cpuOfTree(database.postmasterPid) }
  ending.abort()
  const lost = created.filter(([id]) => !arrived.has(id)).length
  if (lost > 0) throw new Error(`${name} lost ${lost} of ${created.length} Changes on the way to their subscribers.`)
  // A Change may arrive before the response to the create.
  const times = created.map(([id, at]) => Math.max(0, (arrived.get(id) ?? 0) - at)).sort((a, b) => a - b)
  const calls = Math.max(1, times.length)
  return {
    calls,
    refused: 0,
    rate: times.length / (ms / 1000),
    p50: quantile(times, 0.5),
    p95: quantile(times, 0.95),
    p99: quantile(times, 0.99),
    max: times.at(-1) ?? 0,
    cpuServerUs: (after.server - before.server) / calls,
    cpuDatabaseUs: (after.database - before.database) / calls,
    bytes: 0,
    generatorLoad: 0,
  }
}

/** Opens a stream and reads it until aborted; resolves when it is open. */
async function open(
  feed: Feed,
  user: User,
  port: number,
  arrived: Map<string, number>,
  signal: AbortSignal,
): Promise<void> {
  const { path, headers } = feed.call(user)
  const init = Object.fromEntries(
    headers
      .split('\r\n')
      .filter((line) => line !== '')
      .map((line): [string, string] => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]),
  )
  const { body } = await fetch(`http://127.0.0.1:${port}${path}`, { headers: init, signal })
  const read = async (): Promise<void> => {
    let text = ''
    for await (const piece of body?.pipeThrough(new TextDecoderStream()) ?? []) {
      const events = (text + piece).split('\n\n')
      text = events.pop() ?? ''
      for (const id of events.flatMap(feed.ids)) if (!arrived.has(id)) arrived.set(id, performance.now())
    }
  }
  read().catch((error: unknown) => {
    if (!signal.aborted) throw error
  })
}
