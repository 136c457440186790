import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { busyWarning, machineInWords, machineOf } from '../report/report.ts'
import { checkOut, findCommit, ROOT } from './check-out.ts'
import { type Compared, measure } from './measure.ts'
import type { Operation } from './operations.ts'
import { type CompareOptions, readCompareOptions, USAGE } from './options.ts'
import { fallsShort, operationInWords } from './report.ts'
import { clientFor, startSide } from './side.ts'

const say = (line: string): void => void process.stderr.write(`${line}\n`)
const print = (text: string): void => void process.stdout.write(`${text}\n\n`)

async function compare(options: CompareOptions, signal: AbortSignal): Promise<string[]> {
  const { operations, rounds, roundMs, warmMs, concurrency, atLeast } = options
  const machine = machineOf('')
  const commit = await findCommit(options.commit)
  await using stack = new AsyncDisposableStack()
  const directory = await mkdtemp(join(tmpdir(), 'taskwire-compare-'))
  stack.defer(async () => await rm(directory, { recursive: true, force: true, maxRetries: 5 }))
  say(`Installing ${commit}`)
  const tree = await checkOut(commit, directory, signal)
  const clientOf = clientFor(tree)
  say('Starting both services')
  const shared = { callers: concurrency, signal }
  const before = stack.use(await startSide({ ...shared, tree, clientOf, directory: join(directory, 'before') }))
  const after = stack.use(
    await startSide({ ...shared, tree: ROOT, clientOf: ROOT, directory: join(directory, 'after') }),
  )
  print(
    [
      `before: ${commit}; after: ${ROOT}`,
      machineInWords(new Date().toISOString(), { ...machine, postgres: before.postgres }),
      `${concurrency} callers; ${rounds} rounds of ${roundMs / 1000} s in turns, after ${warmMs / 1000} s each to warm up; medians`,
      `Client, services and databases share the machine; ${clientOf === ROOT ? 'the client is this tree’s for both' : 'the contracts differ: each tree’s own client calls it'}.`,
      ...busyWarning(machine),
    ].join('\n'),
  )
  const found = new Map<Operation, Compared>()
  for (const operation of operations) {
    const compared = await measure({ operation, before, after, rounds, roundMs, warmMs, signal, tell: say })
    found.set(operation, compared)
    print(operationInWords(operation, compared))
  }
  return atLeast === undefined ? [] : fallsShort(found, atLeast)
}

async function main(): Promise<void> {
  const options = readCompareOptions(process.argv.slice(2))
  if (options === 'help') return void process.stdout.write(USAGE)
  const interrupted = new AbortController()
  // Until all that it has started is gone, a second one changes nothing.
  for (const [signal, code] of Object.entries({ SIGHUP: 129, SIGINT: 130, SIGTERM: 143 }))
    process.on(signal, () => {
      process.exitCode = code
      interrupted.abort()
    })
  try {
    const short = await compare(options, interrupted.signal)
    for (const reason of short) say(reason)
    if (short.length > 0) process.exitCode = 1
  } catch (error) {
    // What it had started is gone by now.
    if (!interrupted.signal.aborted) throw error
  }
}

main().catch((error: unknown) => {
  const isUsage = error instanceof Error && error.name === 'UsageError'
  say(isUsage ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error))
  process.exitCode = 1
})
