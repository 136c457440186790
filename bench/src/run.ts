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
import { runAdapters } from './measure/adapters.ts'
import type { Options } from './options.ts'
import { machineOf, type Report } from './report/report.ts'
import { toText } from './report/table.ts'
import { publish, writeReport, writeSummary } from './report/write.ts'
import { type BenchDatabase, openDatabase } from './seed/database.ts'
import { isServer, type Server } from './subjects/calls.ts'
import { startServer } from './subjects/start-server.ts'
import { HEAVY, type Work, WORKS } from './works.ts'

export interface Output {
  /** The directory bench/. */
  home: string
  /** The directory for --publish. */
  docs: string
  print(line: string): void
}

/** Runs the benchmark. */
export async function run(options: Options, { home, docs, print }: Output): Promise<void> {
  const startedAt = performance.now()
  const report = statusLine(print)
  const loadBefore = machineOf('').loadBefore
  const servers = options.subjects.filter(isServer)
  const works = WORKS.filter((work) => options.works.includes(work))
  const data = join(home, '.data')
  const logs = join(data, 'logs')
  if (servers.includes('nest')) buildNest()
  await using database = await openDatabase({ size: options.size, seed: options.seed, directory: data, print })
  const seededAt = performance.now()

  const trips = await checkSubjects(servers, works, database, logs, report)
  await using generator = startGenerator()
  await using stack = new AsyncDisposableStack()
  const ready = new Map<Server, Ready>()
  report(`start ${servers.join(', ')}`)
  const starting = servers.map(async (name) => await startServer({ name, database, directory: logs }))
  // Also those that start after another has failed.
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
  const bench: Bench = { options, database, generator, ready, report }
  await warmUp(bench, works)
  const found = new Map<string, Results>()
  const rounds = await runRounds(bench, works, found)
  const measured = new Map<string, Map<string, Measured[]>>(found)
  const feed = options.works.includes('feed') ? await runFeed(bench) : new Map()
  if (feed.size > 0) measured.set('feed', feed)
  const steady: Step[] = options.works.includes('steady') ? await runSteady(bench) : []
  for (const [requested, measureTaskwire] of Object.entries({
    adapters: runAdapters,
    growth: runGrowth,
  }))
    if (options.works.some((work) => work === requested))
      for (const [work, sides] of await measureTaskwire(bench, data)) measured.set(work, sides)
  const sizes = await measureSizes(database.sql)
  const memory = new Map([...ready].map(([name, { memory: used }]) => [name, used]))
  await stack.disposeAsync()
  if (options.works.includes('start')) {
    const { subjects, starts } = options
    measured.set('start', await measureStarts({ subjects, database, directory: logs, rounds: starts, report }))
  }
  if (options.works.includes('client')) report('client')
  const client = options.works.includes('client') ? await measureClient() : undefined
  report('')

  const machine = { ...machineOf(database.version), loadBefore }
  const results: Report = {
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
  process.stdout.write(`\n${toText(results)}\n`)
  const directory = writeReport(results, join(home, 'results'))
  print(`Wrote table, plots and every round to ${directory}`)
  if (options.json !== undefined) writeSummary(results, options.json)
  if (options.publish) publish(results, docs)
  const seconds = (from: number): string => ((performance.now() - from) / 1000).toFixed(0)
  print(`Took ${seconds(startedAt)} s, of which ${seconds(seededAt)} s after seeding`)
}

async function checkSubjects(
  servers: readonly Server[],
  works: readonly Work[],
  database: BenchDatabase,
  logs: string,
  report: (line: string) => void,
): Promise<Report['trips']> {
  // Includes the parts of mixed.
  const parts = WORKS.filter((work) => works.includes(work) || (works.includes('mixed') && work !== 'handling'))
  const trips: Report['trips'] = new Map()
  // In sequence: rows that another subject writes meanwhile would be reported as wrong.
  for (const name of servers) {
    report(`check ${name}`)
    trips.set(name, await preflight(name, parts, database, logs, report))
  }
  return trips
}

/** Runs every work briefly, so that code is compiled before the first round. */
async function warmUp(bench: Bench, works: readonly Work[]): Promise<void> {
  const { options } = bench
  const servers = options.subjects.filter(isServer)
  const short: Bench = {
    ...bench,
    options: { ...options, warmMs: 0, runMs: 100, subjects: servers },
    report: () => {},
  }
  bench.report('warm up')
  // Heavy works take the database long, and need little warm-up.
  const light = works.filter((work) => !HEAVY.includes(work))
  await runRound(short, light, 0, new Map())
}

/** Returns a function that shows progress: one line that is overwritten on a terminal, else separate lines. */
function statusLine(print: (line: string) => void): (line: string) => void {
  if (process.stderr.isTTY) return (line) => void process.stderr.write(`\r\u001b[K${line}`)
  let last = ''
  return (line) => {
    // One line per kind of step.
    const kind = line.split(':', 1)[0] ?? ''
    if (line !== '' && kind !== last) print(`${(performance.now() / 1000).toFixed(0).padStart(4)} s  ${line}`)
    last = kind
  }
}
