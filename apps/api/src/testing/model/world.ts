import { randomUUID } from 'node:crypto'
import type { TestService } from '../service.ts'
import { type Caller, changesAfter, newCaller } from '../caller.ts'
import { type Call, emptyState, type State } from './state.ts'

/** A user, what theirs should be, and what was called so far. */
export interface World {
  caller: Caller
  state: State
  /** The ids of all tasks and lists that were to be created, and one of each that never was. */
  tasks: string[]
  lists: string[]
  zone: string
  sent: Sent[]
}
/** A mutation that was done, and the rows that it changed. */
export interface Sent {
  call: Call
  mutationId: string
  reply: unknown
  revision: number
  rows: Set<string>
}

export async function newWorld(service: TestService, zone: string): Promise<World> {
  const caller = await newCaller(service)
  await caller.client.me.update.mutate({ timeZone: zone })
  // That of the account's zone, where it is not the one that it had.
  const log = await changesAfter(caller, 0)
  const state = { ...emptyState(), log, head: log.length }
  return { caller, state, tasks: [randomUUID()], lists: [randomUUID()], zone, sent: [] }
}

const at = <T>(all: readonly T[], nr: number): T => {
  const found = all[nr % all.length]
  if (found === undefined) throw new Error('There is one at least')
  return found
}
/** One of those that are there, or now and then any that ever were to be. */
const oneOf = <T>(there: readonly T[], known: readonly T[], nr: number): T =>
  nr % 10 === 7 || there.length === 0 ? at(known, Math.floor(nr / 10)) : at(there, nr)
export const taskAt = ({ tasks, state }: World, nr: number): string => oneOf([...state.tasks.keys()], tasks, nr)
export const listAt = ({ lists, state }: World, nr: number): string => oneOf([...state.lists.keys()], lists, nr)
/** One of the lists, or the inbox. */
export const shelfAt = ({ lists, state }: World, nr: number): string | null =>
  oneOf([null, ...state.lists.keys()], lists, nr)

/** Where to place: last, first, behind a sibling if there is one, or now and then behind any task at all. */
export type Spot = 'last' | 'first' | 'anywhere' | number

/** The `after` of a task in a list. */
export function afterAt(world: World, spot: Spot, listId: string | null): string | null | undefined {
  const siblings = world.state.order.get(listId) ?? []
  if (spot === 'first') return null
  if (spot === 'anywhere') return taskAt(world, siblings.length)
  return spot === 'last' || siblings.length === 0 ? undefined : at(siblings, spot)
}

/** The `after` of a list. */
export function listAfterAt(world: World, spot: Spot): string | null | undefined {
  if (spot === 'first') return null
  return spot === 'last' || world.state.lists.size === 0 ? undefined : listAt(world, spot === 'anywhere' ? 7 : spot)
}
