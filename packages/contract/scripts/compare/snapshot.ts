import type { Schema } from './schema.ts'

/** A procedure in contract.json. */
export interface ProcedureSnapshot {
  kind: string
  access: string
  summary: string
  /** The order of the rows, if the procedure returns rows. */
  order?: string
  input: Schema
  output: Schema
}

export interface ErrorSnapshot {
  code: string
  httpStatus: number
  retryable: boolean
}

export interface Limits {
  [name: string]: number | Limits
}

/** contract.json: the contract as callers see it. A release is a copy of it. */
export interface Snapshot {
  version: string
  limits: Limits
  errors: Record<string, ErrorSnapshot>
  openSets: Record<string, string[]>
  procedures: Record<string, ProcedureSnapshot>
}
