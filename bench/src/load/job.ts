import type { Warmed } from '../measure/warm-up.ts'
import type { Model } from '../model.ts'
import type { Server } from '../subjects/calls.ts'
import type { Work } from '../works.ts'

/** A measurement for the load generator. */
export interface Job {
  subject: Server
  work: Work
  port: number
  model: Model
  seed: number
  connections: number
  /** Calls are sent for this time before the measurement. */
  warmMs: number
  runMs: number
  /** The subject's own cursors, one for every `cursorStep` tasks. */
  cursors: readonly string[]
  cursorStep: number
  /** Depth of every page; random by default. */
  depth?: number
  /** Open loop: calls a second, whether or not the server keeps up. Absent: closed loop over the connections. */
  rate?: number
  /** Processes whose CPU time is measured. */
  serverPid: number
  postmasterPid: number
}

/** One measurement. Times in milliseconds unless named otherwise. */
export interface Measured {
  /** Calls that finished in the measured time. */
  calls: number
  /** Calls that the service refused because of overload. They count nowhere else. */
  refused: number
  /** Calls a second. */
  rate: number
  p50: number
  p95: number
  p99: number
  max: number
  /** CPU time for each call, in microseconds. */
  cpuServerUs: number
  cpuDatabaseUs: number
  /** Bytes of a response without its head. */
  bytes: number
  /** The share of one core that the generator used. Near 1, the generator itself was the limit. */
  generatorLoad: number
}

/**
 * A task for the generator: to measure, or, if `limitMs` is given, to warm the subject until its rate is steady or this
 * time is over.
 */
export type Task = { job: Job; limitMs?: number }
export type Reply = { measured: Measured } | { warmed: Warmed } | { reason: string }
