import type { Answer, Call } from '../load/http.ts'
import type { Pick, User } from '../load/picks.ts'
import { floorCalls } from './floor/calls.ts'
import { nestCalls } from './nest-calls.ts'
import { postgraphileCalls } from './postgraphile/calls.ts'
import { stockCalls } from './stock/calls.ts'
import { taskwireCalls } from './taskwire/calls.ts'

/** What every subject shows of a task. */
export interface Shown {
  id: string
  spaceId: string
  title: string
  description: string | null
  complete: boolean
  tags: string[]
}

/** How a subject is asked, and what its answers mean. */
export interface Calls {
  /** Undefined where its protocol has no such call. `cursor` is what it gave for this page itself. */
  call(pick: Pick, cursor: string | undefined): Call | undefined
  /** True when its errors come with status 200, so that bodies have to be looked at. */
  errorsInBody?: boolean
  /** The tasks that an answer shows, in order; for a made or changed task itself. */
  tasks(pick: Pick, body: unknown): Shown[]
  /**
   * Where only it can make cursors: how to walk from one on, or from the beginning, and the cursors that
   * an answer gives behind each `step` tasks.
   */
  walk?: {
    call(pick: Pick & { work: 'list' }, step: number, cursor: string | undefined): Call
    cursors(body: unknown, step: number): string[]
  }
  /**
   * How to follow a user's changes: the request of a stream of events, and the ids of the tasks that
   * one event tells of. Only Taskwire has it.
   */
  feed?: {
    call(user: User): Call
    ids(event: string): string[]
  }
}

/** The subjects with a server of their own. */
export const SERVERS = ['floor', 'taskwire', 'stock', 'postgraphile', 'nest'] as const
export type Server = (typeof SERVERS)[number]
export const SUBJECTS = ['floor', 'database', 'taskwire', 'stock', 'postgraphile', 'nest'] as const
export type Subject = (typeof SUBJECTS)[number]

export const CALLS: Record<Server, Calls> = {
  floor: floorCalls,
  taskwire: taskwireCalls,
  stock: stockCalls,
  postgraphile: postgraphileCalls,
  nest: nestCalls,
}

export const isServer = (subject: Subject): subject is Server => subject !== 'database'

/** The service says that it has too much to do: a result of a measurement, and no failure of it. */
export const isRefusal = ({ status }: Answer): boolean => status === 429 || status === 503 || status === 504

/** Why an answer is a failure; undefined when it is none. */
export function failureOf({ errorsInBody }: Calls, { status, body }: Answer): string | undefined {
  if (status !== 200 && status !== 201) return `status ${status}: ${body?.toString('utf8', 0, 500) ?? ''}`
  if (errorsInBody === true && body?.includes('"errors":') === true) return body.toString('utf8', 0, 500)
  return undefined
}
