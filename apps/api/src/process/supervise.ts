import cluster, { type Worker } from 'node:cluster'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { AggregatorRegistry } from 'prom-client'
import { readConfig } from '../config.ts'
import { startEmbedded } from '../database/embedded.ts'
import { fail, printLine } from './exit.ts'
import { onFirstSignal, type Signal } from './signals.ts'
import type { FromWorker, ProcessMetrics, ToWorker } from './worker.ts'

const RESTART_MS = 1000
const METRICS_TIMEOUT_MS = 2000
/** Metric types that are kept when a worker exits. prom-client sends these names, though its types have numbers. */
const KEPT_TYPES = ['counter', 'histogram']

/** Workers that receive signals. */
const reachable = new Set<Worker>()
/** The latest metrics of each listening worker. */
const latestMetrics = new Map<Worker, ProcessMetrics>()
/** The counts of workers that have exited, without which the sums would fall. */
let endedMetrics: object[] = []
let hasServed = false
let stopSignal: Signal | undefined
let hasEnded = false

// A worker may exit at any moment, so errors of sending are ignored.
const send = (worker: Worker, message: ToWorker): void => void worker.send(message, undefined, () => {})
const living = (): Worker[] =>
  Object.values(cluster.workers ?? {}).filter((worker): worker is Worker => worker?.isDead() === false)

/**
 * Runs several worker processes on one port (WORKERS). The supervisor holds the port, distributes its connections and
 * replaces workers that exit. It serves no requests. If it dies, its workers end too.
 */
async function supervise(): Promise<void> {
  const { database, directory, workers } = readConfig(process.env)
  let embedded: Awaited<ReturnType<typeof startEmbedded>> | undefined
  async function end(): Promise<void> {
    if (hasEnded) return
    hasEnded = true
    await embedded?.stop()
    process.exit()
  }

  onFirstSignal((signal) => {
    stopSignal = signal
    printLine(`Finishing the requests in progress (${signal}); send the signal again to stop at once`)
    // Workers that are starting get the signal once they are reachable.
    for (const worker of reachable) send(worker, signal)
    if (living().length === 0) void end()
  })
  // Started by the supervisor, so that it outlives the workers.
  if (database === null) embedded = await startEmbedded(directory, printLine)
  if (stopSignal !== undefined) return await end()
  function start(): void {
    const worker = cluster.fork(embedded?.environment)
    worker.on('error', ({ message }) => {
      // For a live worker only a message was lost. For a worker that could not be started there is no other event.
      if (!worker.isDead()) return
      printLine(`A worker process cannot be started (${message})${isRunning() ? '; retrying' : ''}.`)
      onWorkerLost(true)
    })
  }
  const startMissing = (): void => {
    if (stopSignal === undefined) for (let count = living().length; count < workers; count++) start()
  }

  cluster.on('listening', (worker) => void latestMetrics.set(worker, []))
  cluster.on('message', (worker, message: FromWorker) => onMessage(worker, message, startMissing))
  let restarting: NodeJS.Timeout | undefined
  const isRunning = (): boolean => stopSignal === undefined && hasServed
  function onWorkerLost(failed: boolean): void {
    if (isRunning()) {
      restarting ??= setTimeout(() => {
        restarting = undefined
        startMissing()
      }, RESTART_MS)
      return
    }
    // A worker that fails before it has served has printed the reason, such as a wrong setting.
    if (failed) process.exitCode = 1
    if (living().length === 0) void end()
  }
  cluster.on('exit', (worker, code, signal) => {
    reachable.delete(worker)
    keepCounts(worker)
    if (isRunning())
      printLine(`Worker process ${worker.process.pid} exited (${signal ?? `code ${code}`}); starting another.`)
    onWorkerLost(code !== 0 && signal !== stopSignal)
  })
  // The first worker starts alone: it migrates, and reports problems once.
  start()
}

function onMessage(worker: Worker, message: FromWorker, onReady: () => void): void {
  if (message === 'listening for signals') {
    reachable.add(worker)
    if (stopSignal !== undefined) send(worker, stopSignal)
  } else if (message === 'ready') {
    hasServed = true
    onReady()
  } else if (message === 'collect metrics') void collectMetrics().then((text) => send(worker, { text }))
  else {
    if (latestMetrics.has(worker)) latestMetrics.set(worker, message.metrics)
    worker.emit('metrics')
  }
}

async function collectMetrics(): Promise<string> {
  await Promise.all([...latestMetrics.keys()].map(refresh))
  return await AggregatorRegistry.aggregate([endedMetrics, ...latestMetrics.values()]).metrics()
}

/** Requests a worker's metrics. Without a reply in time, the previous ones remain. */
async function refresh(worker: Worker): Promise<void> {
  const settled = new AbortController()
  const { signal } = settled
  send(worker, 'send metrics')
  try {
    await Promise.race([
      once(worker, 'metrics', { signal }),
      once(worker, 'exit', { signal }),
      pause(METRICS_TIMEOUT_MS, undefined, { signal }),
    ])
  } catch {
    // The worker is exiting.
  } finally {
    settled.abort()
  }
}

function keepCounts(worker: Worker): void {
  const counts = (latestMetrics.get(worker) ?? []).filter(({ type }) => KEPT_TYPES.includes(String(type)))
  latestMetrics.delete(worker)
  endedMetrics = AggregatorRegistry.aggregate([endedMetrics, counts]).getMetricsAsArray()
}

supervise().catch(fail)
