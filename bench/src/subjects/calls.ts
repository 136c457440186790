import type { Call, HttpResponse } from '../load/http.ts'
import type { CallSpec, User } from '../load/call-specs.ts'
import { fairFloorCalls, floorCalls } from './floor/calls.ts'
import { nestCalls } from './nest-calls.ts'
import { postgraphileCalls } from './postgraphile/calls.ts'
import { stockCalls } from './stock/calls.ts'
import { taskwireCalls } from './taskwire/calls.ts'

/** The fields of a task that every subject returns. */
export interface Shown {
  id: string
  spaceId: string
  title: string
  description: string | null
  complete: boolean
  tags: string[]
}

/** The requests of a subject, and the meaning of its responses. */
export interface Calls {
  /** Undefined if the subject has no such call. `cursor` is the subject's own cursor of the page. */
  call(spec: CallSpec, cursor: string | undefined): Call | undefined
  /** True if errors have status 200, so that bodies have to be searched for them. */
  errorsInBody?: boolean
  /** The tasks of a response, in order; for a mutation the task itself. */
  tasks(spec: CallSpec, body: unknown): Shown[]
  /**
   * For subjects whose cursors only they can make: the request that continues from a cursor or starts at the
   * beginning, and the cursors in its response, one after every `step` tasks.
   */
  walk?: {
    call(spec: CallSpec & { work: 'list' }, step: number, cursor: string | undefined): Call
    cursors(body: unknown, step: number): string[]
  }
  /**
   * The request for the event stream of a user's Changes, and the ids of the tasks in one event. Only Taskwire
   * has it.
   */
  feed?: {
    call(user: User): Call
    ids(event: string): string[]
  }
}

/** The same service on other stacks. */
export const PEERS = ['stock', 'postgraphile', 'nest'] as const
/** The subjects with a server of their own. */
export const SERVERS = ['floor', 'fair-floor', 'taskwire', ...PEERS] as const
export type Server = (typeof SERVERS)[number]
export const SUBJECTS = ['floor', 'fair-floor', 'database', 'taskwire', ...PEERS] as const
export type Subject = (typeof SUBJECTS)[number]

export const CALLS: Record<Server, Calls> = {
  floor: floorCalls,
  'fair-floor': fairFloorCalls,
  taskwire: taskwireCalls,
  stock: stockCalls,
  postgraphile: postgraphileCalls,
  nest: nestCalls,
}

export const isServer = (subject: Subject): subject is Server => subject !== 'database'

/** Whether the service refused the call because of overload: a result, not a failure of the measurement. */
export const isRefusal = ({ status }: HttpResponse): boolean => status === 429 || status === 503 || status === 504

/** The reason why a response is a failure; undefined if it is not. */
export function failureOf({ errorsInBody }: Calls, { status, body }: HttpResponse): string | undefined {
  if (status === 207) return 'status 207: some calls of the batch were refused; the log of the service says why'
  if (status !== 200 && status !== 201) return `status ${status}: ${body?.toString('utf8', 0, 500) ?? ''}`
  if (errorsInBody === true && body?.includes('"errors":') === true) return body.toString('utf8', 0, 500)
  return undefined
}
