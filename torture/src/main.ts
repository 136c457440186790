import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { loadExperiment, namesOfExperiments, runAll, tableOf } from './harness.ts'
import { familyOf, signalAll } from './processes.ts'

const USAGE = `npm run -s torture -- [experiment…] [--short] [--seed N] [--saboteur]

Holds the service against faults: all experiments, or those named, in the long form unless told.
  --short      the sizes of the tests
  --seed N     replays the chance of an earlier run
  --saboteur   runs the broken variant of each, which must be found
  --list       what there is
Reports go to torture/results; what each shows is in docs/promises.md.`

// What is no result: standard output has the table alone.
const say = (line: string): void => void process.stderr.write(`${line}\n`)

async function main(): Promise<void> {
  const all = await namesOfExperiments()
  let parsed
  try {
    parsed = parseArgs({
      allowPositionals: true,
      options: {
        short: { type: 'boolean', default: false },
        saboteur: { type: 'boolean', default: false },
        list: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
        seed: { type: 'string', default: String(randomInt(2 ** 31)) },
      },
    })
  } catch (error) {
    say(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`)
    process.exitCode = 2
    return
  }
  const { values, positionals } = parsed
  const unknown = positionals.filter((name) => !all.includes(name))
  if (unknown.length > 0 || !/^\d{1,10}$/.test(values.seed)) {
    say(
      unknown.length > 0
        ? `There is no experiment ${unknown.join(', ')}: there are ${all.join(', ')}.`
        : `The seed ${values.seed} is not a whole number.`,
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
      saboteur: values.saboteur,
    },
    say,
  )
  process.stdout.write(`${tableOf(reports).join('\n')}\n`)
  if (reports.some(({ outcome }) => outcome === 'red' || outcome === 'saboteur missed')) process.exitCode = 1
}

/** Ends all that it has started, and then itself, as the signal would have. */
async function end(signal: 'SIGINT' | 'SIGTERM'): Promise<void> {
  const [self = process.pid, ...started] = await familyOf(process.pid)
  signalAll(started, 'SIGTERM')
  process.kill(self, signal)
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void end(signal))

await main()
