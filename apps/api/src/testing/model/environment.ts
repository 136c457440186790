import { randomUUID } from 'node:crypto'
import type { TestService } from '../service.ts'
import { type Caller, changesAfter, newCaller } from '../caller.ts'
import { type Call, emptyState, type State } from './state.ts'

/** A user, the expected state of the user's space, and the mutations sent so far. */
export interface Environment {
  caller: Caller
  state: State
  /** The ids of all tasks and lists that the calls were meant to create, and one unused id of each kind. */
  tasks: string[]
  lists: string[]
  zone: string
  sent: Sent[]
}
/** A mutation that succeeded, and the rows that it changed. */
export interface Sent {
  call: Call
  mutationId: string
  reply: unknown
  revision: number
  rows: Set<string>
}

export async function createEnvironment(service: TestService, zone: string): Promise<Environment> {
  const caller = await newCaller(service)
  await caller.client.me.update.mutate({ timeZone: zone })
  // The log has a Change of the time zone, unless the account already had that zone.
  const log = await changesAfter(caller, 0)
  const state = { ...emptyState(), log, head: log.length }
  return { caller, state, tasks: [randomUUID()], lists: [randomUUID()], zone, sent: [] }
}

const itemAt = <T>(items: readonly T[], nr: number): T => {
  const item = items[nr % items.length]
  if (item === undefined) throw new Error('Expected at least one item')
  return item
}
/** Picks an existing item, or in one of ten cases any known item. */
const pick = <T>(existing: readonly T[], known: readonly T[], nr: number): T =>
  nr % 10 === 7 || existing.length === 0 ? itemAt(known, Math.floor(nr / 10)) : itemAt(existing, nr)
export const taskAt = ({ tasks, state }: Environment, nr: number): string => pick([...state.tasks.keys()], tasks, nr)
export const listAt = ({ lists, state }: Environment, nr: number): string => pick([...state.lists.keys()], lists, nr)
/** Picks a list, or null for the inbox. */
export const listScopeAt = ({ lists, state }: Environment, nr: number): string | null =>
  pick([null, ...state.lists.keys()], lists, nr)

/** Last, first, after a sibling by its number if there is one, or after any task. */
export type Placement = 'last' | 'first' | 'anywhere' | number

/** Returns `after` for a task in a list. */
export function afterAt(
  environment: Environment,
  placement: Placement,
  listId: string | null,
): string | null | undefined {
  const siblings = environment.state.order.get(listId) ?? []
  if (placement === 'first') return null
  if (placement === 'anywhere') return taskAt(environment, siblings.length)
  return placement === 'last' || siblings.length === 0 ? undefined : itemAt(siblings, placement)
}

/** Returns `after` for a list. */
export function listAfterAt(environment: Environment, placement: Placement): string | null | undefined {
  if (placement === 'first') return null
  return placement === 'last' || environment.state.lists.size === 0
    ? undefined
    : listAt(environment, placement === 'anywhere' ? 7 : placement)
}
