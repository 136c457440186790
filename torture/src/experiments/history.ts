// Callers of several users read and write while instances and PostgreSQL are killed. Every response is kept with the
// highest revision that any caller of the user had seen when the request was sent, and checked against a replay of the
// Changes.
// Fails if a response is older than that revision or differs from the replay, or if the log has a gap or does not match
// the rows.

import type { Change, Client, Task } from '@taskwire/client'
import { attempt, newTally, settle } from '../calls.ts'
import { expectThat, type Options, type Result } from '../experiment.ts'
import { startFleet } from '../fleet.ts'
import { clientOf, patientClientOf } from '../instance.ts'
import { findBrokenLogs } from '../sent-writes.ts'
import { type Random, createRandom } from '../random.ts'
import { canonical } from '../canonical.ts'
import { applyChange, emptyState, digestOf } from '../replay.ts'
import { startServer } from '../server.ts'
import { tallyMetrics } from '../writers.ts'

export const promise =
  "A user's history is linear: no read misses an acknowledged write, and no revision is used twice."
export const negativeControl = 'some lists are answered from an earlier response'

const SIZES = {
  short: { operations: 600, users: 3, callersPerUser: 4, kills: 2 },
  long: { operations: 100_000, users: 8, callersPerUser: 4, kills: 40 },
}
/** Of one user; few enough for one page. */
const MAX_TASKS = 40

/** A response, and the highest revision that any caller had seen when the request was sent. */
interface Observation {
  floor: number
  revision: number
  response:
    | { kind: 'list'; digest: string }
    | { kind: 'task'; task: Task }
    | { kind: 'write'; task: Task; mutationId: string }
}

interface Account {
  client: Client
  /** Waits and retries, for the checks at the end. */
  patientClient: Client
  floor: number
  /** Ids of tasks that exist, as far as any caller has seen. */
  ids: string[]
  creating: number
  observations: Observation[]
  lastList: { digest: string; revision: number } | undefined
}

export async function run({ seed, size, isNegativeControl = false, print }: Options): Promise<Result> {
  const { operations, users, callersPerUser, kills } = SIZES[size]
  const random = createRandom(seed)
  await using server = await startServer()
  await using fleet = await startFleet(server, { ownBalancer: true })
  const accounts = (await server.addUsers(users, random)).map((user): Account => {
    const client = clientOf(fleet.balancer.url, user)
    return {
      client,
      patientClient: patientClientOf(fleet.balancer.url, user),
      floor: 0,
      ids: [],
      creating: 0,
      observations: [],
      lastList: undefined,
    }
  })
  const tally = newTally()
  const violations: string[] = []
  let started = 0
  let restarting = Promise.resolve()
  const killEvery = Math.floor(operations / (kills + 1))

  async function kill(nr: number): Promise<void> {
    // Every third kill hits PostgreSQL, the others an instance.
    if (nr % 3 === 2) {
      await server.kill()
      return await server.start()
    }
    const victim = random.pick(fleet.instances)
    await victim.kill()
    await victim.start()
  }

  async function operate(account: Account, chance: Random): Promise<void> {
    while (started < operations) {
      const nr = ++started
      if (nr % killEvery === 0 && nr / killEvery <= kills) restarting = restarting.then(() => kill(nr / killEvery))
      if (nr % 5000 === 0) print(`${nr} of ${operations} operations`)
      const { floor } = account
      const observed = chance.next() < 0.5 ? await read(account, chance) : await write(account, chance, nr)
      if (observed === undefined) continue
      account.observations.push({ ...observed, floor })
      account.floor = Math.max(account.floor, observed.revision)
    }
  }

  async function read(account: Account, chance: Random): Promise<Omit<Observation, 'floor'> | undefined> {
    const { client, ids } = account
    if (ids.length > 0 && chance.next() < 0.5) {
      const id = chance.pick(ids)
      const outcome = await attempt(tally, async () => await client.tasks.get.query({ id }))
      if (outcome.kind !== 'ok') return undefined
      return { revision: outcome.value.revision, response: { kind: 'task', task: outcome.value } }
    }
    const earlier = account.lastList
    if (isNegativeControl && earlier !== undefined && chance.next() < 0.1)
      return { revision: earlier.revision, response: { kind: 'list', digest: earlier.digest } }
    const outcome = await attempt(
      tally,
      async () => await client.tasks.list.query({ filter: { trash: 'with' }, limit: 100 }),
    )
    if (outcome.kind !== 'ok') return undefined
    const { items, revision } = outcome.value
    const digest = digestOf(items)
    account.lastList = { digest, revision }
    return { revision, response: { kind: 'list', digest } }
  }

  async function write(account: Account, chance: Random, nr: number): Promise<Omit<Observation, 'floor'> | undefined> {
    const { client, ids } = account
    const mutationId = chance.uuid()
    const call = callOf(account, chance, nr, mutationId)
    const outcome = await settle(tally, async () => await call(client))
    if (outcome.kind === 'failed') {
      const { failure } = outcome
      // Another caller changed the task first, or put it into the trash.
      if (failure.appCode !== 'REVISION_CONFLICT' && failure.appCode !== 'IN_TRASH')
        violations.push(`a write failed: ${failure.appCode} ${failure.message}`)
      return undefined
    }
    const task = outcome.value
    if (!ids.includes(task.id)) ids.push(task.id)
    return { revision: task.revision, response: { kind: 'write', task, mutationId } }
  }

  const callers = accounts.flatMap((account, of) =>
    Array.from({ length: callersPerUser }, async (_, nr) => await operate(account, random.fork(`${of} ${nr}`))),
  )
  await Promise.all(callers)
  await restarting

  let checked = 0
  for (const account of accounts) {
    const log = await readLog(account.patientClient)
    violations.push(...findAnomalies(account, log))
    checked += account.observations.length
    const { items } = await account.patientClient.tasks.list.query({ filter: { trash: 'with' }, limit: 100 })
    const final = log.reduce(applyChange, emptyState())
    expectThat(
      violations,
      digestOf(items) === digestOf(final.rows.values()),
      'a replay of the log does not match the rows',
    )
  }
  violations.push(...(await findBrokenLogs(server)))
  return {
    metrics: { operations, kills, ...tallyMetrics(tally), 'responses checked': checked, anomalies: violations.length },
    violations,
  }
}

function callOf(account: Account, chance: Random, nr: number, mutationId: string): (client: Client) => Promise<Task> {
  const title = `operation ${nr}`
  const { ids } = account
  const kind = chance.next()
  if (account.creating < MAX_TASKS && (ids.length === 0 || kind < 0.2)) {
    account.creating++
    return async (client) => await client.tasks.create.mutate({ title, mutationId })
  }
  if (ids.length === 0) return async (client) => await client.tasks.create.mutate({ title, mutationId })
  const id = chance.pick(ids)
  const known = account.observations.findLast(({ response }) => response.kind !== 'list' && response.task.id === id)
  const expected = known !== undefined && chance.next() < 0.5 ? { expectedRevision: known.revision } : {}
  const complete = chance.next() < 0.5
  if (kind < 0.6)
    return async (client) => await client.tasks.update.mutate({ id, changes: { title }, mutationId, ...expected })
  if (kind < 0.8) return async (client) => await client.tasks.complete.mutate({ id, complete, mutationId })
  if (kind < 0.9) return async (client) => await client.tasks.delete.mutate({ id, mutationId })
  return async (client) => await client.tasks.restore.mutate({ id, mutationId })
}

/** Reads all Changes. */
async function readLog(client: Client): Promise<Change[]> {
  const log: Change[] = []
  for (;;) {
    const after = log.at(-1)?.revision ?? 0
    const page = await client.changes.list.query({ after, limit: 500 })
    log.push(...page.changes)
    if (page.nextAfter === page.head) return log
  }
}

/** Checks each response against a replay of the log, in the order of revisions. */
function findAnomalies({ observations }: Account, log: readonly Change[]): string[] {
  const violations: string[] = []
  const gap = log.findIndex(({ revision }, nr) => revision !== nr + 1)
  if (gap >= 0) violations.push(`the log has a gap or a repeat at revision ${gap + 1}`)
  const byMutation = new Map(log.map((change) => [change.mutationId, change]))
  const byTask = Map.groupBy(log, ({ entityId }) => entityId)
  let state = emptyState()
  for (const { floor, revision, response } of observations.toSorted((a, b) => a.revision - b.revision)) {
    for (const change of log.slice(state.revision, revision)) state = applyChange(state, change)
    if (response.kind === 'list') {
      if (revision < floor) violations.push(`a list is of revision ${revision}, but revision ${floor} was seen before`)
      if (response.digest !== digestOf(state.rows.values()))
        violations.push(`a list of revision ${revision} differs from the log`)
      continue
    }
    const row = state.rows.get(response.task.id)
    if (row === undefined || canonical(row) !== canonical(response.task))
      violations.push(`a task of revision ${revision} differs from the log`)
    const later = byTask.get(response.task.id)?.find((change) => change.revision > revision)
    if (response.kind === 'task' && later !== undefined && later.revision <= floor)
      violations.push(`a task is of revision ${revision}, but its Change ${later.revision} was seen before`)
    if (response.kind === 'write') {
      const own = byMutation.get(response.mutationId)
      if (own !== undefined && own.revision !== revision)
        violations.push(`a mutation returned revision ${revision}, but the log has it at ${own.revision}`)
      if (own !== undefined && revision <= floor)
        violations.push(`a mutation got revision ${revision}, but revision ${floor} was seen before`)
    }
  }
  return violations
}
