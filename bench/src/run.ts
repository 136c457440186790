import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { buildNest } from './build-nest.ts'
import type { Measured } from './load/job.ts'
import { startGenerator } from './load/start-generator.ts'
import { measureClient } from './measure/client.ts'
import { runFeed } from './measure/feed.ts'
import { preflight, walkAll } from './measure/preflight.ts'
import { runGrowth } from './measure/growth.ts'
import { memoryOf } from './measure/processes.ts'
import { type Bench, type Ready, type Results, runRound, runRounds } from './measure/rounds.ts'
import { measureSizes } from './measure/sizes.ts'
import { measureStarts } from './measure/starts.ts'
import { runSteady, type Step } from './measure/steady.ts'
import { runAdapters, runWorkers } from './measure/workers.ts'
import type { Options } from './options.ts'
import { machineOf, type Report } from './report/report.ts'
import { toText } from './report/table.ts'
import { publish, writeReport, writeSummary } from './report/write.ts'
import { type BenchDatabase, openDatabase } from './seed/database.ts'
import { isServer, type Server } from './subjects/calls.ts'
import { startServer } from './subjects/start-server.ts'
import { HEAVY, type Work, WORKS } from './works.ts'

export interface Places {
  /** bench/ */
  home: string
  /** Where --publish writes. */
  docs: string
  say(line: string): void
}

/** The whole benchmark. */
export async function run(options: Options, { home, docs, say }: Places): Promise<void> {
  const began = performance.now()
  const tell = statusLine(say)
  const busy = machineOf('').loadBefore
  const servers = options.subjects.filter(isServer)
  const works = WORKS.filter((work) => options.works.includes(work))
  const data = join(home, '.data')
  const logs = join(data, 'logs')
  if (servers.includes('nest')) buildNest()
  await using database = await openDatabase({ size: options.size, seed: options.seed, directory: data, say })
  const seeded = performance.now()

  const trips = await check(servers, works, database, logs, tell)
  await using generator = startGenerator()
  await using stack = new AsyncDisposableStack()
  const ready = new Map<Server, Ready>()
  tell(`start ${servers.join(', ')}`)
  const starting = servers.map(async (name) => await startServer({ name, database, directory: logs }))
  // Those too that are up only when another has failed.
  for (const server of starting)
    stack.defer(async () => await (await server.catch(() => undefined))?.[Symbol.asyncDispose]())
  const started = await Promise.all(starting)
  await pause(500)
  await Promise.all(
    started.map(async (server) => {
      const { name, pid, port } = server
      const restMib = memoryOf(pid)
      const cursors = works.includes('page') ? await walkAll(name, port, database) : []
      ready.set(name, { server, cursors, trips: trips.get(name) ?? {}, memory: { restMib, loadMib: restMib } })
    }),
  )
  const bench: Bench = { options, database, generator, ready, tell }
  await warmUp(bench, works)
  const found = new Map<string, Results>()
  const rounds = await runRounds(bench, works, found)
  const measured = new Map<string, Map<string, Measured[]>>(found)
  const feed = options.works.includes('feed') ? await runFeed(bench) : new Map()
  if (feed.size > 0) measured.set('feed', feed)
  const steady: Step[] = options.works.includes('steady') ? await runSteady(bench) : []
  for (const [asked, measureAside] of Object.entries({ adapters: runAdapters, workers: runWorkers, growth: runGrowth }))
    if (options.works.some((work) => work === asked))
      for (const [work, sides] of await measureAside(bench, data)) measured.set(work, sides)
  const sizes = await measureSizes(database.sql)
  const memory = new Map([...ready].map(([name, { memory: held }]) => [name, held]))
  await stack.disposeAsync()
  if (options.works.includes('start')) {
    const { subjects, starts } = options
    measured.set('start', await measureStarts({ subjects, database, directory: logs, rounds: starts, tell }))
  }
  if (options.works.includes('client')) tell('client')
  const client = options.works.includes('client') ? await measureClient() : undefined
  tell('')

  const machine = { ...machineOf(database.version), loadBefore: busy }
  const report: Report = {
    at: new Date().toISOString(),
    machine,
    options: { ...options, rounds },
    works: measured,
    trips,
    memory,
    steady,
    sizes,
    ...(client === undefined ? {} : { client }),
  }
  process.stdout.write(`\n${toText(report)}\n`)
  const directory = writeReport(report, join(home, 'results'))
  say(`Table, plots and every round: ${directory}`)
  if (options.json !== undefined) writeSummary(report, options.json)
  if (options.publish) publish(report, docs)
  const seconds = (from: number): string => ((performance.now() - from) / 1000).toFixed(0)
  say(`Took ${seconds(began)} s, of which ${seconds(seeded)} s once the data was there`)
}

async function check(
  servers: readonly Server[],
  works: readonly Work[],
  database: BenchDatabase,
  logs: string,
  tell: (line: string) => void,
): Promise<Report['trips']> {
  // What mixed is made of has to be checked too.
  const parts = WORKS.filter((work) => works.includes(work) || (works.includes('mixed') && work !== 'handling'))
  const trips: Report['trips'] = new Map()
  // One after the other: what another writes meanwhile would be no row of an answer before.
  for (const name of servers) {
    tell(`check ${name}`)
    trips.set(name, await preflight(name, parts, database, logs, tell))
  }
  return trips
}

/** So that the first round finds code that is compiled. */
async function warmUp(bench: Bench, works: readonly Work[]): Promise<void> {
  const { options } = bench
  const servers = options.subjects.filter(isServer)
  const short: Bench = {
    ...bench,
    options: { ...options, warmMs: 0, runMs: 100, subjects: servers },
    tell: () => {},
  }
  bench.tell('warm up')
  // What takes the database long, and little code, would be as long again.
  const light = works.filter((work) => !HEAVY.includes(work))
  await runRound(short, light, 0, new Map())
}

/** What is being done: one line that is written over; lines of their own where that is no terminal. */
function statusLine(say: (line: string) => void): (line: string) => void {
  if (process.stderr.isTTY) return (line) => void process.stderr.write(`\r\u001b[K${line}`)
  let last = ''
  return (line) => {
    // One for each kind of step is enough there.
    const kind = line.split(':', 1)[0] ?? ''
    if (line !== '' && kind !== last) say(`${(performance.now() / 1000).toFixed(0).padStart(4)} s  ${line}`)
    last = kind
  }
}
