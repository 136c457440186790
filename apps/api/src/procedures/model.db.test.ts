import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { callerOf, changesAfter } from '../testing/caller.ts'
import { checkProperty } from '../testing/property.ts'
import { startTestService } from '../testing/service.ts'
import {
  callAndCheck,
  clockOf,
  createInitialRows,
  mayChangeNothing,
  refusalsOf,
  replayAndCheck,
  applyCommit,
} from '../testing/model/call-and-check.ts'
import { filter, maybe, sort, zone, ZONES } from '../testing/model/draws.ts'
import { checkQuery, checkAllRows } from '../testing/model/check-reads.ts'
import { plan } from '../testing/model/plan.ts'
import { type Row, type State } from '../testing/model/state.ts'
import { filterIn, mutation, listScopes, type Step, revertible } from '../testing/model/steps.ts'
import { createEnvironment, type Environment } from '../testing/model/environment.ts'

// Compares the service with a model of the contract. TASKWIRE_RUNS sets the number of runs, and another TASKWIRE_SEED
// draws other calls; a failure prints its seed and path.
const RUNS = Number(process.env['TASKWIRE_RUNS'] ?? 6)
const service = await startTestService()
// A second instance, since one alone runs most calls of a user one after the other.
const secondInstance = await startTestService({ database: service.database })
afterAll(async () => {
  await secondInstance[Symbol.asyncDispose]()
  await service[Symbol.asyncDispose]()
})

const reading = fc.record({ filter, listScopes, sort, limit: fc.integer({ min: 1, max: 9 }), timeZone: maybe(zone) })
const steps = fc.array(
  fc.oneof(
    { weight: 12, arbitrary: mutation.map((step) => ({ step })) },
    { weight: 3, arbitrary: reading.map((read) => ({ read })) },
    { weight: 2, arbitrary: fc.nat(10).map((back) => ({ back })) },
  ),
  { minLength: 40, maxLength: 80 },
)

test('any sequence of calls has the outcome that the contract says', async () => {
  const property = fc.asyncProperty(steps, fc.constantFrom(...ZONES), async (drawnSteps, accountZone) => {
    const environment = await createEnvironment(service, accountZone)
    await createInitialRows(environment)
    for (const one of drawnSteps) {
      if ('step' in one) await callAndCheck(environment, one.step.callIn(environment))
      else if ('back' in one) await replayAndCheck(environment, one.back)
      else {
        const { filter, listScopes, ...others } = one.read
        await checkQuery(environment, { ...others, filter: filterIn(environment, filter, listScopes) })
      }
    }
    await checkAllRows(environment)
  })
  await checkProperty(property, RUNS)
})

/** Returns all rows, without the fields that every Change sets. */
function rowsOf({ tasks, lists }: State): Map<string, Row> {
  const withoutRevision = ({ revision: _revision, updatedAt: _updatedAt, ...row }: Row): Row => row
  return new Map([...tasks, ...lists].map(([id, row]) => [id, withoutRevision({ ...row })]))
}

test('reverting commits one by one, last first, restores each state; reverting the reverts redoes them', async () => {
  const property = fc.asyncProperty(fc.array(revertible, { minLength: 10, maxLength: 40 }), async (all) => {
    const environment = await createEnvironment(service, 'UTC')
    const { state } = environment
    await createInitialRows(environment)
    const commits: { revision: number; rows: Map<string, Row> }[] = []
    for (const step of all) {
      const rows = rowsOf(state)
      const { head } = state
      await callAndCheck(environment, step.callIn(environment))
      if (state.head > head) commits.push({ revision: state.head, rows })
    }
    const end = rowsOf(state)
    const reverts: number[] = []
    for (const { revision, rows } of commits.toReversed()) {
      await callAndCheck(environment, { path: 'changes.revert', input: { revision } })
      reverts.push(state.head)
      const now = rowsOf(state)
      // Tasks that were created are in the trash.
      for (const [id, row] of now) if (!rows.has(id)) expect(row['deletedAt']).not.toBeNull()
      for (const [id, row] of rows) expect(now.get(id)).toEqual(row)
    }
    for (const revision of reverts.toReversed())
      await callAndCheck(environment, { path: 'changes.revert', input: { revision } })
    expect(rowsOf(state)).toEqual(end)
  })
  await checkProperty(property, RUNS)
})

/** Sends calls at the same time, and checks that the outcomes match some order of them. */
async function callAtOnce(environment: Environment, round: readonly Step[], twice: boolean): Promise<void> {
  const { caller, state } = environment
  const callers = [caller, callerOf(secondInstance, caller.user)] as const
  const calls = round.map((step) => ({ call: step.callIn(environment), mutationId: randomUUID() }))
  const sent = twice ? [...calls, ...calls] : calls
  const answers = await Promise.all(
    sent.map(async (one, nr) => ({
      ...one,
      answer: await callers[nr % 2 === 0 ? 0 : 1].call(one.call.path, {
        ...one.call.input,
        mutationId: one.mutationId,
      }),
    })),
  )
  const states = [structuredClone(state)]
  const replies = new Map<string, unknown>()
  const commits = Map.groupBy(await changesAfter(caller, state.head), ({ commit }) => commit)
  for (const commit of commits.values()) {
    const mutationId = commit[0]?.mutationId
    const done = answers.find((one) => one.mutationId === mutationId && one.answer.error === undefined)
    if (done === undefined) throw new Error(`No call reported the commit ${JSON.stringify(commit)}`)
    const outcome = plan(state, done.call, clockOf(environment, done.call))
    if ('refused' in outcome) throw new Error(`${JSON.stringify(done.call)} should have been refused`)
    applyCommit(state, done.call, outcome, commit, done.answer)
    replies.set(done.mutationId, done.answer.result?.data)
    states.push(structuredClone(state))
  }
  for (const { call, mutationId, answer } of answers) {
    const message = `${JSON.stringify(call)} returned ${answer.text}`
    const clock = clockOf(environment, call)
    const code = answer.error?.data.appCode
    if (code === undefined && replies.has(mutationId))
      expect(answer.result?.data, message).toEqual(replies.get(mutationId))
    else if (code === undefined)
      expect(
        states.some((one) => mayChangeNothing(one, call, clock)),
        message,
      ).toBe(true)
    else
      expect(
        states.flatMap((one) => refusalsOf(one, call, clock)),
        message,
      ).toContain(code)
  }
}

test('concurrent calls take effect one after the other, and once if they are sent twice', async () => {
  const round = fc.array(revertible, { minLength: 4, maxLength: 12 })
  const rounds = fc.array(round, { minLength: 2, maxLength: 5 })
  const property = fc.asyncProperty(
    fc.array(revertible, { maxLength: 12 }),
    rounds,
    fc.boolean(),
    async (first, drawnRounds, twice) => {
      const environment = await createEnvironment(service, 'UTC')
      await createInitialRows(environment)
      for (const step of first) await callAndCheck(environment, step.callIn(environment))
      for (const one of drawnRounds) await callAtOnce(environment, one, twice)
      await checkAllRows(environment)
    },
  )
  await checkProperty(property, RUNS)
})
