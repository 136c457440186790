import { randomUUID } from 'node:crypto'
import type { Change } from '@taskwire/contract'
import { expect } from 'vitest'
import { changesAfter, headOf, type Wire } from '../caller.ts'
import { plan } from './plan.ts'
import { settle } from './settle.ts'
import { type Call, type Changed, type Clock, rowOf, type State } from './state.ts'
import type { World } from './world.ts'

/** A bulk call has to say which tasks: the trash alone is enough only for what empties it. */
function namesNothing(call: Call): boolean {
  if (call.path !== 'tasks.bulk' || call.input.filter === undefined) return false
  const { filter, action } = call.input
  const named = Object.keys(filter).filter(
    (name) => name !== 'trash' && !(name === 'search' && filter.search?.trim() === ''),
  )
  return named.length === 0 && !(filter.trash === 'only' && (action.type === 'restore' || action.type === 'purge'))
}

export const clockOf = ({ zone }: World, { input }: Call): Clock => ({
  zone: ('timeZone' in input ? input.timeZone : undefined) ?? zone,
  now: Date.now(),
})

const isDry = ({ input }: Call): boolean => 'dryRun' in input && input.dryRun === true

/** Why a call may be refused in this state; none where it is not to be. */
export function refusalsOf(state: State, call: Call, clock: Clock): string[] {
  if (namesNothing(call)) return ['VALIDATION']
  const outcome = plan(state, call, clock)
  return 'refused' in outcome ? outcome.refused : []
}

/** Whether a call may change nothing in this state, and yet succeed. */
export function idles(state: State, call: Call, clock: Clock): boolean {
  const outcome = plan(state, call, clock)
  return !namesNothing(call) && 'changes' in outcome && (outcome.changes.length === 0 || isDry(call))
}

/** Calls, and holds the reply, the Changes and the refusal against what the model makes of it. */
export async function act(world: World, call: Call): Promise<void> {
  const { state, caller } = world
  const mutationId = randomUUID()
  const clock = clockOf(world, call)
  const refusals = refusalsOf(state, call, clock)
  const answer = await caller.call(call.path, { ...call.input, mutationId })
  const told = `${JSON.stringify(call)} gave ${answer.text}`
  if (refusals.length > 0) {
    expect(refusals, told).toContain(answer.error?.data.appCode)
    checkCurrent(state, answer, told)
    expect(await headOf(caller)).toBe(state.head)
    return
  }
  expect(answer.error, told).toBeUndefined()
  const outcome = plan(state, call, clock)
  if ('refused' in outcome) throw new Error('It was asked before')
  if (isDry(call)) return await checkDry(world, outcome, answer, told)
  const commit = await changesAfter(caller, state.head)
  for (const change of commit)
    expect(change, told).toMatchObject({ mutationId, actor: { kind: 'user', userId: caller.user.id } })
  take(state, call, outcome, commit, answer)
  const rows = new Set(outcome.changes.map(({ id }) => id))
  world.sent.push({ call, mutationId, reply: answer.result?.data, revision: state.head, rows })
}

/** Gives the user what there is to call about: two lists, and tasks in them and in the inbox. */
export async function furnish(world: World): Promise<void> {
  for (const name of ['Work', 'Z']) {
    const id = randomUUID()
    world.lists.push(id)
    await act(world, { path: 'lists.create', input: { id, name } })
  }
  const tasks = [null, ...world.state.lists.keys()].flatMap((listId) =>
    ['milk', 'Zebra'].map((title) => ({ id: randomUUID(), title, listId })),
  )
  world.tasks.push(...tasks.map(({ id }) => id))
  await act(world, { path: 'tasks.createMany', input: { tasks } })
}

/** Takes over what a call did, and holds its reply against it. */
export function take(state: State, call: Call, outcome: Changed, commit: readonly Change[], answer: Wire): void {
  const told = `${JSON.stringify(call)} gave ${answer.text}`
  try {
    settle(state, outcome, commit)
  } catch (error) {
    throw new Error(`${told} and ${JSON.stringify(commit)}: ${error instanceof Error ? error.message : ''}`, {
      cause: error,
    })
  }
  expect(answer.result?.data, told).toEqual(replyOf(state, call, outcome, commit))
}

function checkCurrent(state: State, { error }: Wire, told: string): void {
  const current = error?.data.current
  const needed = ['REVISION_CONFLICT', 'IN_TRASH'].includes(error?.data.appCode ?? '')
  if (current === undefined) expect(needed, told).toBe(false)
  else {
    const id = String(current['id'])
    expect(current, told).toEqual(rowOf(state, { entity: 'task', id }) ?? rowOf(state, { entity: 'list', id }))
  }
}

async function checkDry({ state, caller }: World, { changes }: Changed, answer: Wire, told: string): Promise<void> {
  const reply = answer.result?.data as { affected: number; tasks: { id: string }[]; revision: number }
  expect(reply, told).toMatchObject({ affected: changes.length, revision: state.head })
  expect(new Set(reply.tasks.map(({ id }) => id)), told).toEqual(new Set(changes.map(({ id }) => id)))
  for (const task of reply.tasks) expect(task, told).toEqual(state.tasks.get(task.id))
  expect(await headOf(caller)).toBe(state.head)
}

/** What a call that changed these rows replies. */
function replyOf(state: State, call: Call, { changes }: Changed, commit: readonly Change[]): unknown {
  const revision = state.head
  switch (call.path) {
    case 'tasks.createMany':
      return { tasks: call.input.tasks.map(({ id = '' }) => state.tasks.get(id)) }
    case 'tasks.purge':
    case 'lists.delete':
      return { id: call.input.id, revision }
    case 'tags.rename':
    case 'changes.revert':
      return { affected: changes.length, revision }
    case 'lists.create':
    case 'lists.update':
      return state.lists.get(call.input.id ?? '')
    case 'tasks.bulk':
      // What is gone for good is not shown.
      return {
        affected: changes.length,
        tasks: commit.flatMap(({ entityId }) => state.tasks.get(entityId) ?? []),
        revision,
      }
    default:
      return state.tasks.get(call.input.id ?? '')
  }
}

/** The ids of the tasks that a reply shows. */
function shownBy(reply: unknown): string[] {
  const { tasks, title, id } = reply as { tasks?: { id: string }[]; title?: string; id?: string }
  return tasks?.map((task) => task.id) ?? (title === undefined || id === undefined ? [] : [id])
}

/** Sends a mutation again: it has its effect once, and gives the first reply unless that showed what was purged since. */
export async function repeat({ caller, state, sent }: World, back: number): Promise<void> {
  const first = sent.at(-1 - back)
  if (first === undefined) return
  const { call, mutationId, reply, revision, rows } = first
  const answer = await caller.call(call.path, {
    ...call.input,
    mutationId,
    ...('expectedRevision' in call.input ? { expectedRevision: 1 } : {}),
  })
  const shown = shownBy(reply)
  if (shown.some((id) => state.gone.has(id))) expect(answer.error).toBeDefined()
  if (answer.error) {
    expect([...rows, ...shown].some((id) => state.gone.has(id))).toBe(true)
    expect(answer.error.data).toMatchObject({ appCode: 'MUTATION_APPLIED', revision })
  } else expect(answer.result?.data).toEqual(reply)
  const other = await caller.call('tags.rename', { from: 'never', to: randomUUID(), mutationId })
  expect(other.error?.data.appCode).toBe('MUTATION_ID_REUSED')
  expect(await headOf(caller)).toBe(state.head)
}
