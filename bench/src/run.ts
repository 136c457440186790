import { join } from 'node:path'
import { buildNest } from './build-nest.ts'
import { startGenerator } from './load/start-generator.ts'
import { measureClient } from './measure/client.ts'
import { runFar } from './measure/far.ts'
import { runFeed } from './measure/feed.ts'
import { runGrowth } from './measure/growth.ts'
import { describePlan, planOf } from './measure/plan.ts'
import { checkSubjects, createBench, type Environment, startSubjects } from './measure/prepare.ts'
import { readCpuTimes, stealShare } from './measure/processes.ts'
import { type Measurements, sidesOf } from './measure/sides.ts'
import { measureSizes } from './measure/sizes.ts'
import { measureStarts } from './measure/starts.ts'
import { runSteady, type Step } from './measure/steady.ts'
import { measureInTurns } from './measure/turns.ts'
import { runAdapters } from './measure/adapters.ts'
import type { Options } from './options.ts'
import { machineOf, type Report } from './report/report.ts'
import { toText } from './report/table.ts'
import { publish, writeReport, writeSummary } from './report/write.ts'
import { openDatabase } from './seed/database.ts'
import { WORKS } from './works.ts'

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
  const data = join(home, '.data')
  const plan = planOf(options)
  for (const line of describePlan(plan, options)) print(line)
  if (options.subjects.includes('nest')) buildNest()
  await using database = await openDatabase({ size: options.size, seed: options.seed, directory: data, print })
  const seededAt = performance.now()

  const measured = await measureAll({ options, plan, database, data, report, print })
  report('')
  const results: Report = {
    at: new Date().toISOString(),
    machine: { ...machineOf(database.version), loadBefore, steal: measured.steal },
    ...measured,
  }
  process.stdout.write(`\n${toText(results)}\n`)
  const directory = writeReport(results, join(home, 'results'))
  print(`Wrote table, plots and every round to ${directory}`)
  if (options.json !== undefined) writeSummary(results, options.json)
  if (options.publish) publish(results, docs)
  const seconds = (from: number): string => ((performance.now() - from) / 1000).toFixed(0)
  print(`Took ${seconds(startedAt)} s, of which ${seconds(seededAt)} s after seeding`)
}

/** Checks the subjects, starts and measures them. */
async function measureAll(environment: Environment): Promise<Omit<Report, 'at' | 'machine'> & { steal: number }> {
  const { options, database, data, report } = environment
  const logs = join(data, 'logs')
  const trips = await checkSubjects(environment)
  await using generator = startGenerator()
  await using stack = new AsyncDisposableStack()
  const ready = await startSubjects(environment, trips, stack)
  const bench = createBench(environment, generator, ready)
  const before = readCpuTimes()
  const works: Measurements = new Map()
  const add = (found: Measurements): void => {
    for (const [work, sides] of found) if (sides.size > 0) works.set(work, sides)
  }
  // A work that fails must not lose the results of the others, which took long.
  const attempt = async (work: string, measure: () => Promise<Measurements | undefined>): Promise<void> => {
    try {
      add((await measure()) ?? new Map())
    } catch (error) {
      environment.print(`FAILED: ${work}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
      process.exitCode = 1
    }
  }
  for (const work of WORKS.filter((work) => options.works.includes(work)))
    await attempt(work, async () => new Map([[work, await measureInTurns(bench, work, sidesOf(bench, work))]]))
  const steps: Step[] = []
  for (const [requested, measure] of Object.entries({
    far: runFar,
    feed: runFeed,
    steady: async () => void steps.push(...(await runSteady(bench))),
    adapters: runAdapters,
    growth: runGrowth,
  }))
    if (options.works.some((work) => work === requested))
      await attempt(requested, async () => (await measure(bench, data)) ?? undefined)
  const steal = stealShare(before, readCpuTimes())
  const sizes = await measureSizes(database.sql)
  const memory = new Map([...ready].map(([name, { memory: used }]) => [name, used]))
  await stack.disposeAsync()
  if (options.works.includes('start')) {
    const { subjects, starts } = options
    works.set('start', await measureStarts({ subjects, database, directory: logs, rounds: starts, report }))
  }
  if (options.works.includes('client')) report('client')
  const client = options.works.includes('client') ? await measureClient() : undefined
  return {
    options: bench.options,
    works,
    conditions: bench.conditions,
    trips,
    memory,
    steady: steps,
    sizes,
    steal,
    ...(client === undefined ? {} : { client }),
  }
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
