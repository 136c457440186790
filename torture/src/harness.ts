import { execFileSync } from 'node:child_process'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { type Experiment, Impossible, type Result, type Size } from './experiment.ts'

const EXPERIMENTS = new URL('experiments/', import.meta.url)
const RESULTS = new URL('../results/', import.meta.url)

/** The names of all experiments. */
export async function listExperiments(): Promise<string[]> {
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
  isNegativeControl: boolean
}

export interface Report extends Result {
  experiment: string
  promise: string
  size: Size
  seed: number
  isNegativeControl: boolean
  outcome: 'passed' | 'failed' | 'impossible' | 'negative control detected' | 'negative control missed'
  seconds: number
  at: string
  commit: string
  machine: string
}

/** Runs the experiments in sequence and writes a report of each to torture/results. */
export async function runAll(
  { names, size, seed, isNegativeControl }: Plan,
  print: (line: string) => void,
): Promise<Report[]> {
  await mkdir(RESULTS, { recursive: true })
  const reports: Report[] = []
  for (const [nr, name] of names.entries()) {
    const { run, promise = '', negativeControl = '' } = await loadExperiment(name)
    print(
      `${name} (${nr + 1} of ${names.length}), ${size}, seed ${seed}${isNegativeControl ? `, negative control: ${negativeControl}` : ''}`,
    )
    const began = performance.now()
    const result = await run({ seed, size, isNegativeControl, print: (line) => print(`  ${name}: ${line}`) }).catch(
      (error: unknown): Result => ({
        metrics: {},
        ...(error instanceof Impossible ? { impossible: error.message } : {}),
        violations:
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
      isNegativeControl,
      outcome: outcomeOf(result, isNegativeControl),
      seconds: Math.round((performance.now() - began) / 100) / 10,
      ...result,
      at: new Date().toISOString(),
      commit: describeCommit(),
      machine: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}`,
    }
    reports.push(report)
    await writeFile(
      new URL(`${name}-${size}${isNegativeControl ? '-negative-control' : ''}.json`, RESULTS),
      `${JSON.stringify(report, null, 2)}\n`,
    )
    for (const reason of report.violations.slice(0, 20)) print(`  ${name}: FAILED: ${reason}`)
  }
  return reports
}

function outcomeOf({ violations, impossible }: Result, isNegativeControl: boolean): Report['outcome'] {
  if (impossible !== undefined) return 'impossible'
  if (isNegativeControl) return violations.length > 0 ? 'negative control detected' : 'negative control missed'
  return violations.length > 0 ? 'failed' : 'passed'
}

function describeCommit(): string {
  try {
    const runGit = (...args: string[]): string =>
      execFileSync('git', args, { cwd: fileURLToPath(EXPERIMENTS), encoding: 'utf8', stdio: 'pipe' }).trim()
    return `${runGit('rev-parse', '--short', 'HEAD')}${runGit('status', '--porcelain') === '' ? '' : ' with uncommitted changes'}`
  } catch {
    return 'unknown'
  }
}

/** The lines to print: each experiment with its outcome and metrics. */
export function formatReports(reports: readonly Report[]): string[] {
  const width = Math.max(...reports.map(({ experiment }) => experiment.length))
  return reports.flatMap(({ experiment, outcome, seconds, metrics, impossible }) => [
    `${experiment.padEnd(width)}  ${outcome.toUpperCase()}${impossible === undefined ? '' : `: ${impossible}`}  ${seconds} s`,
    ...Object.entries(metrics).map(([name, value]) => `${' '.repeat(width)}    ${name}: ${value}`),
  ])
}
