import type { Change, Client, Task } from '@taskwire/client'
import { attempt, newTally, settle } from '../calls.ts'
import { expectThat, type Options, type Result } from '../experiment.ts'
import { startFleet } from '../fleet.ts'
import { clientOf, patientClientOf } from '../instance.ts'
import { brokenHistories } from '../ledger.ts'
import { type Random, createRandom } from '../random.ts'
import { applyChange, canonical, emptyState, digestOf } from '../replay.ts'
import { startServer } from '../server.ts'
import { tallyFigures } from '../writers.ts'

export const promise = "A user's history is one line: no read is older than what was acknowledged, no revision forks."
export const sabotage = 'some lists come from what their caller was told before'

const SIZES = {
  short: { operations: 600, users: 3, callersPerUser: 4, kills: 2 },
  long: { operations: 100_000, users: 8, callersPerUser: 4, kills: 40 },
}
/** So that one page lists them all. */
const MOST_TASKS = 40

/** What one caller was told, and the highest revision that anybody had been told of when it asked. */
interface Told {
  floor: number
  revision: number
  what:
    | { kind: 'list'; digest: string }
    | { kind: 'task'; task: Task }
    | { kind: 'write'; task: Task; mutationId: string }
}

interface Account {
  client: Client
  /** For what is asked when all is over. */
  patient: Client
  floor: number
  /** Tasks that are known to be there, as far as any caller was told. */
  ids: string[]
  creating: number
  told: Told[]
  lastList: { digest: string; revision: number } | undefined
}

export async function run({ seed, size, saboteur = false, say }: Options): Promise<Result> {
  const { operations, users, callersPerUser, kills } = SIZES[size]
  const random = createRandom(seed)
  await using server = await startServer()
  await using fleet = await startFleet(server, { ownBalancer: true })
  const accounts = (await server.addUsers(users, random)).map((user): Account => {
    const client = clientOf(fleet.balancer.url, user)
    return {
      client,
      patient: patientClientOf(fleet.balancer.url, user),
      floor: 0,
      ids: [],
      creating: 0,
      told: [],
      lastList: undefined,
    }
  })
  const tally = newTally()
  const red: string[] = []
  let begun = 0
  let restarting = Promise.resolve()
  const killEvery = Math.floor(operations / (kills + 1))

  async function kill(nr: number): Promise<void> {
    // Each third time the database, else an instance.
    if (nr % 3 === 2) {
      await server.kill()
      return await server.start()
    }
    const victim = random.pick(fleet.instances)
    await victim.kill()
    await victim.start()
  }

  async function operate(account: Account, chance: Random): Promise<void> {
    while (begun < operations) {
      const nr = ++begun
      if (nr % killEvery === 0 && nr / killEvery <= kills) restarting = restarting.then(() => kill(nr / killEvery))
      if (nr % 5000 === 0) say(`${nr} of ${operations} operations`)
      const { floor } = account
      const told = chance.next() < 0.5 ? await read(account, chance) : await write(account, chance, nr)
      if (told === undefined) continue
      account.told.push({ ...told, floor })
      account.floor = Math.max(account.floor, told.revision)
    }
  }

  async function read(account: Account, chance: Random): Promise<Omit<Told, 'floor'> | undefined> {
    const { client, ids } = account
    if (ids.length > 0 && chance.next() < 0.5) {
      const id = chance.pick(ids)
      const outcome = await attempt(tally, async () => await client.tasks.get.query({ id }))
      if (outcome.kind !== 'ok') return undefined
      return { revision: outcome.value.revision, what: { kind: 'task', task: outcome.value } }
    }
    const old = account.lastList
    if (saboteur && old !== undefined && chance.next() < 0.1)
      return { revision: old.revision, what: { kind: 'list', digest: old.digest } }
    const outcome = await attempt(
      tally,
      async () => await client.tasks.list.query({ filter: { trash: 'with' }, limit: 100 }),
    )
    if (outcome.kind !== 'ok') return undefined
    const { items, revision } = outcome.value
    const digest = digestOf(items)
    account.lastList = { digest, revision }
    return { revision, what: { kind: 'list', digest } }
  }

  async function write(account: Account, chance: Random, nr: number): Promise<Omit<Told, 'floor'> | undefined> {
    const { client, ids } = account
    const mutationId = chance.uuid()
    const call = callOf(account, chance, nr, mutationId)
    const outcome = await settle(tally, async () => await call(client))
    if (outcome.kind === 'failed') {
      const { failure } = outcome
      // Somebody else was first, or has put it into the trash.
      if (failure.appCode !== 'REVISION_CONFLICT' && failure.appCode !== 'IN_TRASH')
        red.push(`a write was refused: ${failure.appCode} ${failure.message}`)
      return undefined
    }
    const task = outcome.value
    if (!ids.includes(task.id)) ids.push(task.id)
    return { revision: task.revision, what: { kind: 'write', task, mutationId } }
  }

  const callers = accounts.flatMap((account, of) =>
    Array.from({ length: callersPerUser }, async (_, nr) => await operate(account, random.fork(`${of} ${nr}`))),
  )
  await Promise.all(callers)
  await restarting

  let checked = 0
  for (const account of accounts) {
    const log = await readLog(account.patient)
    red.push(...anomaliesOf(account, log))
    checked += account.told.length
    const { items } = await account.patient.tasks.list.query({ filter: { trash: 'with' }, limit: 100 })
    const final = log.reduce(applyChange, emptyState())
    expectThat(
      red,
      digestOf(items) === digestOf(final.rows.values()),
      'the log does not lead to the rows that are there',
    )
  }
  red.push(...(await brokenHistories(server)))
  return {
    figures: { operations, kills, ...tallyFigures(tally), 'answers checked': checked, anomalies: red.length },
    red,
  }
}

function callOf(account: Account, chance: Random, nr: number, mutationId: string): (client: Client) => Promise<Task> {
  const title = `operation ${nr}`
  const { ids } = account
  const kind = chance.next()
  if (account.creating < MOST_TASKS && (ids.length === 0 || kind < 0.2)) {
    account.creating++
    return async (client) => await client.tasks.create.mutate({ title, mutationId })
  }
  if (ids.length === 0) return async (client) => await client.tasks.create.mutate({ title, mutationId })
  const id = chance.pick(ids)
  const known = account.told.findLast(({ what }) => what.kind !== 'list' && what.task.id === id)
  const expected = known !== undefined && chance.next() < 0.5 ? { expectedRevision: known.revision } : {}
  const complete = chance.next() < 0.5
  if (kind < 0.6)
    return async (client) => await client.tasks.update.mutate({ id, changes: { title }, mutationId, ...expected })
  if (kind < 0.8) return async (client) => await client.tasks.complete.mutate({ id, complete, mutationId })
  if (kind < 0.9) return async (client) => await client.tasks.delete.mutate({ id, mutationId })
  return async (client) => await client.tasks.restore.mutate({ id, mutationId })
}

/** All Changes, from the first. */
async function readLog(client: Client): Promise<Change[]> {
  const log: Change[] = []
  for (;;) {
    const after = log.at(-1)?.revision ?? 0
    const page = await client.changes.list.query({ after, limit: 500 })
    log.push(...page.changes)
    if (page.nextAfter === page.head) return log
  }
}

/** Holds each answer against the log, in the order of revisions. */
function anomaliesOf({ told }: Account, log: readonly Change[]): string[] {
  const red: string[] = []
  const gap = log.findIndex(({ revision }, nr) => revision !== nr + 1)
  if (gap >= 0) red.push(`the log has a gap or a fork at ${gap + 1}`)
  const byMutation = new Map(log.map((change) => [change.mutationId, change]))
  const byTask = Map.groupBy(log, ({ entityId }) => entityId)
  let state = emptyState()
  for (const { floor, revision, what } of told.toSorted((a, b) => a.revision - b.revision)) {
    for (const change of log.slice(state.revision, revision)) state = applyChange(state, change)
    if (what.kind === 'list') {
      if (revision < floor) red.push(`a list of revision ${revision} came after ${floor} had been acknowledged`)
      if (what.digest !== digestOf(state.rows.values()))
        red.push(`a list of revision ${revision} is not what the log says`)
      continue
    }
    const row = state.rows.get(what.task.id)
    if (row === undefined || canonical(row) !== canonical(what.task))
      red.push(`a task of revision ${revision} is not what the log says`)
    const later = byTask.get(what.task.id)?.find((change) => change.revision > revision)
    if (what.kind === 'task' && later !== undefined && later.revision <= floor)
      red.push(`a task of revision ${revision} came after its change ${later.revision} had been acknowledged`)
    if (what.kind === 'write') {
      const own = byMutation.get(what.mutationId)
      if (own !== undefined && own.revision !== revision)
        red.push(`a mutation was told revision ${revision}, and the log has it at ${own.revision}`)
      if (own !== undefined && revision <= floor)
        red.push(`a mutation took revision ${revision} after ${floor} had been acknowledged`)
    }
  }
  return red
}
