import { randomUUID } from 'node:crypto'
import type { Change } from '@taskwire/contract'
import { expect } from 'vitest'
import { changesAfter, headOf, type Wire } from '../caller.ts'
import { plan } from './plan.ts'
import { checkCommit } from './check-commit.ts'
import { type Call, type Changed, type Clock, rowOf, type State } from './state.ts'
import type { Environment } from './environment.ts'

/** Whether a bulk call is refused for an empty filter. `trash: 'only'` counts as empty, except for restore and purge. */
function selectsNothing(call: Call): boolean {
  if (call.path !== 'tasks.bulk' || call.input.filter === undefined) return false
  const { filter, action } = call.input
  const fields = Object.keys(filter).filter(
    (name) => name !== 'trash' && !(name === 'search' && filter.search?.trim() === ''),
  )
  return fields.length === 0 && !(filter.trash === 'only' && (action.type === 'restore' || action.type === 'purge'))
}

export const clockOf = ({ zone }: Environment, { input }: Call): Clock => ({
  zone: ('timeZone' in input ? input.timeZone : undefined) ?? zone,
  now: Date.now(),
})

const isDryRun = ({ input }: Call): boolean => 'dryRun' in input && input.dryRun === true

/** Returns the codes that a call may be refused with in this state; none if it must succeed. */
export function refusalsOf(state: State, call: Call, clock: Clock): string[] {
  if (selectsNothing(call)) return ['VALIDATION']
  const outcome = plan(state, call, clock)
  return 'refused' in outcome ? outcome.refused : []
}

/** Whether a call may succeed in this state without a change. */
export function mayChangeNothing(state: State, call: Call, clock: Clock): boolean {
  const outcome = plan(state, call, clock)
  return !selectsNothing(call) && 'changes' in outcome && (outcome.changes.length === 0 || isDryRun(call))
}

/** Sends a call, and checks the reply, the Changes and the refusal against the model. */
export async function callAndCheck(environment: Environment, call: Call): Promise<void> {
  const { state, caller } = environment
  const mutationId = randomUUID()
  const clock = clockOf(environment, call)
  const refusals = refusalsOf(state, call, clock)
  const answer = await caller.call(call.path, { ...call.input, mutationId })
  const message = `${JSON.stringify(call)} returned ${answer.text}`
  if (refusals.length > 0) {
    expect(refusals, message).toContain(answer.error?.data.appCode)
    checkCurrent(state, answer, message)
    expect(await headOf(caller)).toBe(state.head)
    return
  }
  expect(answer.error, message).toBeUndefined()
  const outcome = plan(state, call, clock)
  if ('refused' in outcome) throw new Error('refusalsOf() found no refusal')
  if (isDryRun(call)) return await checkDryRun(environment, outcome, answer, message)
  const commit = await changesAfter(caller, state.head)
  for (const change of commit)
    expect(change, message).toMatchObject({ mutationId, actor: { kind: 'user', userId: caller.user.id } })
  applyCommit(state, call, outcome, commit, answer)
  const rows = new Set(outcome.changes.map(({ id }) => id))
  environment.sent.push({ call, mutationId, reply: answer.result?.data, revision: state.head, rows })
}

/** Creates two lists, and tasks in them and in the inbox. */
export async function createInitialRows(environment: Environment): Promise<void> {
  for (const name of ['Work', 'Z']) {
    const id = randomUUID()
    environment.lists.push(id)
    await callAndCheck(environment, { path: 'lists.create', input: { id, name } })
  }
  const tasks = [null, ...environment.state.lists.keys()].flatMap((listId) =>
    ['milk', 'Zebra'].map((title) => ({ id: randomUUID(), title, listId })),
  )
  environment.tasks.push(...tasks.map(({ id }) => id))
  await callAndCheck(environment, { path: 'tasks.createMany', input: { tasks } })
}

/** Applies the Changes of a call to the state, and checks the Changes and the reply. */
export function applyCommit(state: State, call: Call, outcome: Changed, commit: readonly Change[], answer: Wire): void {
  const message = `${JSON.stringify(call)} returned ${answer.text}`
  try {
    checkCommit(state, outcome, commit)
  } catch (error) {
    throw new Error(`${message} and logged ${JSON.stringify(commit)}: ${error instanceof Error ? error.message : ''}`, {
      cause: error,
    })
  }
  expect(answer.result?.data, message).toEqual(replyOf(state, call, outcome, commit))
}

function checkCurrent(state: State, { error }: Wire, message: string): void {
  const current = error?.data.current
  const isRequired = ['REVISION_CONFLICT', 'IN_TRASH'].includes(error?.data.appCode ?? '')
  if (current === undefined) expect(isRequired, message).toBe(false)
  else {
    const id = String(current['id'])
    expect(current, message).toEqual(rowOf(state, { entity: 'task', id }) ?? rowOf(state, { entity: 'list', id }))
  }
}

async function checkDryRun(
  { state, caller }: Environment,
  { changes }: Changed,
  answer: Wire,
  message: string,
): Promise<void> {
  const reply = answer.result?.data as { affected: number; tasks: { id: string }[]; revision: number }
  expect(reply, message).toMatchObject({ affected: changes.length, revision: state.head })
  expect(new Set(reply.tasks.map(({ id }) => id)), message).toEqual(new Set(changes.map(({ id }) => id)))
  for (const task of reply.tasks) expect(task, message).toEqual(state.tasks.get(task.id))
  expect(await headOf(caller)).toBe(state.head)
}

/** Returns the expected reply of a call that changed these rows. */
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
      // Purged tasks are not in the reply.
      return {
        affected: changes.length,
        tasks: commit.flatMap(({ entityId }) => state.tasks.get(entityId) ?? []),
        revision,
      }
    default:
      return state.tasks.get(call.input.id ?? '')
  }
}

/** Returns the ids of the tasks in a reply. */
function taskIdsOf(reply: unknown): string[] {
  const { tasks, title, id } = reply as { tasks?: { id: string }[]; title?: string; id?: string }
  return tasks?.map((task) => task.id) ?? (title === undefined || id === undefined ? [] : [id])
}

/**
 * Replays a mutation. The replay must change nothing, and return the first reply, unless a task of it was purged since.
 */
export async function replayAndCheck({ caller, state, sent }: Environment, back: number): Promise<void> {
  const first = sent.at(-1 - back)
  if (first === undefined) return
  const { call, mutationId, reply, revision, rows } = first
  const answer = await caller.call(call.path, {
    ...call.input,
    mutationId,
    ...('expectedRevision' in call.input ? { expectedRevision: 1 } : {}),
  })
  const shown = taskIdsOf(reply)
  if (shown.some((id) => state.usedIds.has(id))) expect(answer.error).toBeDefined()
  if (answer.error) {
    expect([...rows, ...shown].some((id) => state.usedIds.has(id))).toBe(true)
    expect(answer.error.data).toMatchObject({ appCode: 'MUTATION_APPLIED', revision })
  } else expect(answer.result?.data).toEqual(reply)
  const other = await caller.call('tags.rename', { from: 'never', to: randomUUID(), mutationId })
  expect(other.error?.data.appCode).toBe('MUTATION_ID_REUSED')
  expect(await headOf(caller)).toBe(state.head)
}
