import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { loadExperiment, listExperiments, runAll, formatReports } from './harness.ts'
import { processTreeOf, signalAll } from './processes.ts'

const USAGE = `npm run -s torture -- [experiment…] [--short] [--seed N] [--negative-control]

Tests the promises of the service under real faults. Runs all experiments, or those named, in their long form.
  --short             the short form, as in npm test
  --seed N            repeats the random choices of an earlier run
  --negative-control  runs variants that are broken on purpose; each experiment must detect its own
  --list              lists the experiments
Writes a report of each experiment to torture/results. Exits with 1 if a promise was broken or a negative control was
missed.
docs/promises.md describes the experiments.`

// Progress and errors. Standard output is for results.
const print = (line: string): void => void process.stderr.write(`${line}\n`)

async function main(): Promise<void> {
  const all = await listExperiments()
  let parsed
  try {
    parsed = parseArgs({
      allowPositionals: true,
      options: {
        short: { type: 'boolean', default: false },
        'negative-control': { type: 'boolean', default: false },
        list: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
        seed: { type: 'string', default: String(randomInt(2 ** 31)) },
      },
    })
  } catch (error) {
    print(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`)
    process.exitCode = 2
    return
  }
  const { values, positionals } = parsed
  const unknown = positionals.filter((name) => !all.includes(name))
  if (unknown.length > 0 || !/^\d{1,10}$/.test(values.seed)) {
    print(
      unknown.length > 0
        ? `There is no experiment ${unknown.join(', ')}. Choose from: ${all.join(', ')}.`
        : `--seed must be a whole number of at most 10 digits, not ${values.seed}.`,
    )
    process.exitCode = 2
    return
  }
  if (values.help) return void process.stdout.write(`${USAGE}\n`)
  if (values.list) {
    for (const name of all) process.stdout.write(`${name.padEnd(16)}  ${(await loadExperiment(name)).promise ?? ''}\n`)
    return
  }
  const reports = await runAll(
    {
      names: positionals.length > 0 ? positionals : all,
      size: values.short ? 'short' : 'long',
      seed: Number(values.seed),
      isNegativeControl: values['negative-control'],
    },
    print,
  )
  process.stdout.write(`${formatReports(reports).join('\n')}\n`)
  if (reports.some(({ outcome }) => outcome === 'failed' || outcome === 'negative control missed')) process.exitCode = 1
}

/** Sends SIGTERM to all processes that this one has started, then ends itself by the signal that it received. */
async function end(signal: 'SIGINT' | 'SIGTERM'): Promise<void> {
  const [self = process.pid, ...started] = await processTreeOf(process.pid)
  signalAll(started, 'SIGTERM')
  process.kill(self, signal)
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void end(signal))

await main()
