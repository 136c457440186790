import cluster, { type Worker } from 'node:cluster'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { AggregatorRegistry } from 'prom-client'
import { readConfig } from '../config.ts'
import { startEmbedded } from '../database/embedded.ts'
import { fail, say } from './exit.ts'
import { onFirstSignal, type Signal } from './signals.ts'
import type { Figures, FromWorker, ToWorker } from './worker.ts'

/**
 * Several processes of the service on one port (WORKERS). This one holds the port, hands out its connections in turn
 * and replaces what has died; it answers nothing itself. If it dies, all end with it.
 */
const RESTART_MS = 1000
const FIGURES_MS = 2000
/** By the names that they have; the types of the library have numbers. */
const KEPT = ['counter', 'histogram']

/** Those that hear what they are told. */
const here = new Set<Worker>()
/** The last figures of those that listen. */
const figures = new Map<Worker, Figures>()
/** What those that have ended had counted: without it their end would look like a restart of all. */
let counted: object[] = []
let served = false
let stopping: Signal | undefined
let ended = false

// A worker may be gone at any moment: then there is nobody to tell.
const tell = (worker: Worker, message: ToWorker): void => void worker.send(message, undefined, () => {})
const living = (): Worker[] =>
  Object.values(cluster.workers ?? {}).filter((worker): worker is Worker => worker?.isDead() === false)

async function supervise(): Promise<void> {
  const { database, directory, workers } = readConfig(process.env)
  let embedded: Awaited<ReturnType<typeof startEmbedded>> | undefined
  async function end(): Promise<void> {
    if (ended) return
    ended = true
    await embedded?.stop()
    process.exit()
  }

  onFirstSignal((signal) => {
    stopping = signal
    say(`Finishing what is under way (${signal}); again to stop at once`)
    // Those that are starting are told when they can hear it.
    for (const worker of here) tell(worker, signal)
    if (living().length === 0) void end()
  })
  // Here, so that it outlives each of them.
  if (database === null) embedded = await startEmbedded(directory, say)
  if (stopping !== undefined) return await end()
  function start(): void {
    const worker = cluster.fork(embedded?.environment)
    worker.on('error', ({ message }) => {
      // A message that does not reach one that lives is no loss; where none could be made, nothing else tells.
      if (!worker.isDead()) return
      say(`A process cannot be started (${message})${isGoingOn() ? '; trying again' : ''}.`)
      lost(true)
    })
  }
  const fill = (): void => {
    if (stopping === undefined) for (let n = living().length; n < workers; n++) start()
  }

  cluster.on('listening', (worker) => void figures.set(worker, []))
  cluster.on('message', (worker, message: FromWorker) => hear(worker, message, fill))
  let restarting: NodeJS.Timeout | undefined
  const isGoingOn = (): boolean => stopping === undefined && served
  function lost(failed: boolean): void {
    if (isGoingOn()) {
      restarting ??= setTimeout(() => {
        restarting = undefined
        fill()
      }, RESTART_MS)
      return
    }
    // Before it has served it has said what is wrong: with its settings, or the database's.
    if (failed) process.exitCode = 1
    if (living().length === 0) void end()
  }
  cluster.on('exit', (worker, code, signal) => {
    here.delete(worker)
    keep(worker)
    if (isGoingOn())
      say(`Process ${worker.process.pid} has ended (${signal ?? `code ${code}`}); another takes its place.`)
    lost(code !== 0 && signal !== stopping)
  })
  // The first by itself: it migrates, and what is wrong is said once.
  start()
}

function hear(worker: Worker, message: FromWorker, onReady: () => void): void {
  if (message === 'here') {
    here.add(worker)
    if (stopping !== undefined) tell(worker, stopping)
  } else if (message === 'ready') {
    served = true
    onReady()
  } else if (message === 'ask figures') void figuresOfAll().then((text) => tell(worker, { text }))
  else {
    if (figures.has(worker)) figures.set(worker, message.figures)
    worker.emit('figures')
  }
}

async function figuresOfAll(): Promise<string> {
  await Promise.all([...figures.keys()].map(refresh))
  return await AggregatorRegistry.aggregate([counted, ...figures.values()]).metrics()
}

/** Where it does not give them in time they stay as they were. */
async function refresh(worker: Worker): Promise<void> {
  const settled = new AbortController()
  const { signal } = settled
  tell(worker, 'give figures')
  try {
    await Promise.race([
      once(worker, 'figures', { signal }),
      once(worker, 'exit', { signal }),
      pause(FIGURES_MS, undefined, { signal }),
    ])
  } catch {
    // It could not be told: it is about to end.
  } finally {
    settled.abort()
  }
}

function keep(worker: Worker): void {
  const last = (figures.get(worker) ?? []).filter(({ type }) => KEPT.includes(String(type)))
  figures.delete(worker)
  counted = AggregatorRegistry.aggregate([counted, last]).getMetricsAsArray()
}

supervise().catch(fail)
