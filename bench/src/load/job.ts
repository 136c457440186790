import type { Model } from '../model.ts'
import type { Server } from '../subjects/calls.ts'
import type { Work } from '../works.ts'

/** What a load generator is told to do. */
export interface Job {
  subject: Server
  work: Work
  port: number
  model: Model
  seed: number
  connections: number
  warmMs: number
  runMs: number
  /** Cursors of its own making for every `cursorStep`-th depth. */
  cursors: readonly string[]
  cursorStep: number
  /** Of every page; drawn by chance unless told. */
  depth?: number
  /** Calls a second, whether the server keeps up or not; absent: each connection asks again when answered. */
  rate?: number
  /** Whose CPU time is read as the measured time begins and ends. */
  serverPid: number
  postmasterPid: number
}

/** One measurement. Times in milliseconds unless named otherwise. */
export interface Measured {
  /** Calls answered in the measured time, and a second. */
  calls: number
  /** Calls that the service refused for having too much to do: these count for nothing else here. */
  refused: number
  rate: number
  p50: number
  p95: number
  p99: number
  max: number
  /** CPU time for each call, in microseconds. */
  cpuServerUs: number
  cpuDatabaseUs: number
  /** Of an answer, head aside. */
  bytes: number
  /** The generator's share of its core: near 1, it is what was measured. */
  generatorLoad: number
}

export type Reply = { ok: true; measured: Measured } | { ok: false; why: string }
