import { execFileSync } from 'node:child_process'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { type Experiment, Impossible, type Result, type Size } from './experiment.ts'

const EXPERIMENTS = new URL('experiments/', import.meta.url)
const RESULTS = new URL('../results/', import.meta.url)

/** The experiments there are, by name. */
export async function namesOfExperiments(): Promise<string[]> {
  const files = await readdir(EXPERIMENTS)
  return files.filter((file) => /^[a-z-]+\.ts$/.test(file)).map((file) => file.replace('.ts', ''))
}

export async function loadExperiment(name: string): Promise<Experiment> {
  const module = (await import(new URL(`${name}.ts`, EXPERIMENTS).href)) as Partial<Experiment>
  if (typeof module.run !== 'function') throw new Error(`experiments/${name}.ts exports no run(options)`)
  return { ...module, run: module.run }
}

export interface Plan {
  names: readonly string[]
  size: Size
  seed: number
  saboteur: boolean
}

export interface Report extends Result {
  experiment: string
  promise: string
  size: Size
  seed: number
  saboteur: boolean
  outcome: 'held' | 'red' | 'impossible' | 'saboteur found' | 'saboteur missed'
  seconds: number
  at: string
  commit: string
  machine: string
}

/** Runs one after the other, and writes a report of each to torture/results. */
export async function runAll({ names, size, seed, saboteur }: Plan, say: (line: string) => void): Promise<Report[]> {
  await mkdir(RESULTS, { recursive: true })
  const reports: Report[] = []
  for (const [nr, name] of names.entries()) {
    const { run, promise = '', sabotage = '' } = await loadExperiment(name)
    say(`${name} (${nr + 1} of ${names.length}), ${size}, seed ${seed}${saboteur ? `, sabotaged: ${sabotage}` : ''}`)
    const began = performance.now()
    const result = await run({ seed, size, saboteur, say: (line) => say(`  ${name}: ${line}`) }).catch(
      (error: unknown): Result => ({
        figures: {},
        ...(error instanceof Impossible ? { impossible: error.message } : {}),
        red:
          error instanceof Impossible
            ? []
            : [`The experiment failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`],
      }),
    )
    const report: Report = {
      experiment: name,
      promise,
      size,
      seed,
      saboteur,
      outcome: outcomeOf(result, saboteur),
      seconds: Math.round((performance.now() - began) / 100) / 10,
      ...result,
      at: new Date().toISOString(),
      commit: commit(),
      machine: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}`,
    }
    reports.push(report)
    await writeFile(
      new URL(`${name}-${size}${saboteur ? '-saboteur' : ''}.json`, RESULTS),
      `${JSON.stringify(report, null, 2)}\n`,
    )
    for (const reason of report.red.slice(0, 20)) say(`  ${name}: RED: ${reason}`)
  }
  return reports
}

function outcomeOf({ red, impossible }: Result, saboteur: boolean): Report['outcome'] {
  if (impossible !== undefined) return 'impossible'
  if (saboteur) return red.length > 0 ? 'saboteur found' : 'saboteur missed'
  return red.length > 0 ? 'red' : 'held'
}

function commit(): string {
  try {
    const git = (...args: string[]): string =>
      execFileSync('git', args, { cwd: fileURLToPath(EXPERIMENTS), encoding: 'utf8', stdio: 'pipe' }).trim()
    return `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain') === '' ? '' : ' and changes'}`
  } catch {
    return 'unknown'
  }
}

/** The reports as lines: each experiment, what came of it, and its figures. */
export function tableOf(reports: readonly Report[]): string[] {
  const width = Math.max(...reports.map(({ experiment }) => experiment.length))
  return reports.flatMap(({ experiment, outcome, seconds, figures, impossible }) => [
    `${experiment.padEnd(width)}  ${outcome.toUpperCase()}${impossible === undefined ? '' : `: ${impossible}`}  ${seconds} s`,
    ...Object.entries(figures).map(([name, figure]) => `${' '.repeat(width)}    ${name}: ${figure}`),
  ])
}
