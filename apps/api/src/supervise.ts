import cluster, { type Worker } from 'node:cluster'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { AggregatorRegistry } from 'prom-client'
import { readConfig } from './config.ts'
import { startEmbedded } from './embedded.ts'
import { fail, say, SIGNALS } from './ending.ts'
import type { FromWorker, ToWorker } from './worker.ts'

/**
 * Several processes of the service on one port (WORKERS). This one holds the port, hands out its connections in turn
 * and replaces what has died; it answers nothing itself. If it dies, all end with it.
 */
const RESTART_MS = 1000
const FIGURES_MS = 2000

const serving = new Set<Worker>()
let served = false
let stopping = false
let exitCode = 0

// A worker may be gone at any moment: then there is nobody to tell.
const tell = (worker: Worker, message: ToWorker): void => void worker.send(message, undefined, () => {})
const living = (): Worker[] => Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined)

async function supervise(): Promise<void> {
  const { database, directory, workers } = readConfig(process.env)
  // Here, so that it outlives each of them; they find it running.
  const embedded = database === null ? await startEmbedded(directory, say) : undefined
  const fill = (): void => {
    while (living().length < workers) cluster.fork()
  }
  async function end(): Promise<void> {
    await embedded?.stop()
    process.exit(exitCode)
  }

  cluster.on('message', (worker, message: FromWorker) => {
    if (message === 'ready') {
      served = true
      serving.add(worker)
      fill()
    } else if (message === 'ask figures') void figuresOfAll().then((figures) => tell(worker, { figures }))
    else worker.emit('figures', message.figures)
  })
  cluster.on('exit', (worker, code, signal) => {
    serving.delete(worker)
    if (stopping || !served) {
      if (code !== 0) exitCode = 1
      // Before it has served it has said what is wrong: with its settings, or the database's.
      if (living().length === 0) void end()
      return
    }
    say(`Process ${worker.process.pid} has ended (${signal ?? `code ${code}`}); another takes its place.`)
    setTimeout(() => stopping || fill(), RESTART_MS)
  })
  for (const signal of SIGNALS)
    process.on(signal, () => {
      if (stopping) process.exit(1)
      stopping = true
      say(`Finishing what is under way (${signal}); again to stop at once`)
      for (const worker of living()) tell(worker, signal)
      if (living().length === 0) void end()
    })
  // The first by itself: it migrates, and what is wrong is said once.
  cluster.fork()
}

/** Null where one of them does not give its own in time: without them the sum would look like that of a restart. */
async function figuresOfAll(): Promise<string | null> {
  try {
    return await AggregatorRegistry.aggregate(await Promise.all([...serving].map(figuresOf))).metrics()
  } catch {
    return null
  }
}

async function figuresOf(worker: Worker): Promise<object[]> {
  const settled = new AbortController()
  const { signal } = settled
  tell(worker, 'give figures')
  try {
    return await Promise.race([
      once(worker, 'figures', { signal }).then(([figures]: object[][]) => figures ?? []),
      once(worker, 'exit', { signal }).then(() => []),
      pause(FIGURES_MS, undefined, { signal }).then(() => {
        throw new Error('The process did not give its figures.')
      }),
    ])
  } finally {
    settled.abort()
  }
}

supervise().catch(fail)
