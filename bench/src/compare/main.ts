import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { busyWarning, describeMachine, machineOf } from '../report/report.ts'
import { checkOut, findCommit, ROOT } from './check-out.ts'
import { type Compared, measure } from './measure.ts'
import type { Operation } from './operations.ts'
import { type CompareOptions, readCompareOptions, USAGE } from './options.ts'
import { findShortfalls, formatOperation } from './report.ts'
import { clientFor, startSide } from './side.ts'

const printStatus = (line: string): void => void process.stderr.write(`${line}\n`)
const print = (text: string): void => void process.stdout.write(`${text}\n\n`)

async function compare(options: CompareOptions, signal: AbortSignal): Promise<string[]> {
  const { operations, rounds, roundMs, warmMs, concurrency, atLeast } = options
  const machine = machineOf('')
  const commit = await findCommit(options.commit)
  await using stack = new AsyncDisposableStack()
  const directory = await mkdtemp(join(tmpdir(), 'taskwire-compare-'))
  stack.defer(async () => await rm(directory, { recursive: true, force: true, maxRetries: 5 }))
  printStatus(`Installing ${commit}`)
  const tree = await checkOut(commit, directory, signal)
  const clientOf = clientFor(tree)
  printStatus('Starting both services')
  const shared = { callers: concurrency, signal }
  const before = stack.use(await startSide({ ...shared, tree, clientOf, directory: join(directory, 'before') }))
  const after = stack.use(
    await startSide({ ...shared, tree: ROOT, clientOf: ROOT, directory: join(directory, 'after') }),
  )
  print(
    [
      `before: ${commit}; after: ${ROOT}`,
      describeMachine(new Date().toISOString(), { ...machine, postgres: before.postgres }),
      `${concurrency} callers; ${rounds} alternating rounds of ${roundMs / 1000} s, after ${warmMs / 1000} s of warm-up each; medians`,
      `Client, services and databases share the machine; ${clientOf === ROOT ? 'both are called by the client of this tree' : 'the contracts differ, so each is called by its own client'}.`,
      ...busyWarning(machine),
    ].join('\n'),
  )
  const found = new Map<Operation, Compared>()
  for (const operation of operations) {
    const compared = await measure({ operation, before, after, rounds, roundMs, warmMs, signal, report: printStatus })
    found.set(operation, compared)
    print(formatOperation(operation, compared))
  }
  return atLeast === undefined ? [] : findShortfalls(found, atLeast)
}

async function main(): Promise<void> {
  const options = readCompareOptions(process.argv.slice(2))
  if (options === 'help') return void process.stdout.write(USAGE)
  const interrupted = new AbortController()
  // A second signal has no effect: the first is followed by a complete clean-up.
  for (const [signal, code] of Object.entries({ SIGHUP: 129, SIGINT: 130, SIGTERM: 143 }))
    process.on(signal, () => {
      process.exitCode = code
      interrupted.abort()
    })
  try {
    const shortfalls = await compare(options, interrupted.signal)
    for (const reason of shortfalls) printStatus(reason)
    if (shortfalls.length > 0) process.exitCode = 1
  } catch (error) {
    // Interrupted: everything is cleaned up by now.
    if (!interrupted.signal.aborted) throw error
  }
}

main().catch((error: unknown) => {
  const isUsage = error instanceof Error && error.name === 'UsageError'
  printStatus(isUsage ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error))
  process.exitCode = 1
})
