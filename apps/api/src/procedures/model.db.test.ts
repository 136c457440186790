import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { callerOf, changesAfter } from '../testing/caller.ts'
import { holds } from '../testing/property.ts'
import { startTestService } from '../testing/service.ts'
import { act, clockOf, furnish, idles, refusalsOf, repeat, take } from '../testing/model/act.ts'
import { filter, maybe, sort, zone, ZONES } from '../testing/model/draws.ts'
import { look, lookAtAll } from '../testing/model/look.ts'
import { plan } from '../testing/model/plan.ts'
import { type Row, type State } from '../testing/model/state.ts'
import { filterIn, mutation, shelves, type Step, undoable } from '../testing/model/steps.ts'
import { newWorld, type World } from '../testing/model/world.ts'

// A model of the contract, made from its words alone, beside the service. TASKWIRE_RUNS lengthens it, another
// TASKWIRE_SEED looks elsewhere; what fails prints its seed and path.
const RUNS = Number(process.env['TASKWIRE_RUNS'] ?? 6)
const service = await startTestService()
// One process alone takes up most calls of a user one after the other.
const secondProcess = await startTestService({ database: service.database })
afterAll(async () => {
  await secondProcess[Symbol.asyncDispose]()
  await service[Symbol.asyncDispose]()
})

const reading = fc.record({ filter, shelves, sort, limit: fc.integer({ min: 1, max: 9 }), timeZone: maybe(zone) })
const steps = fc.array(
  fc.oneof(
    { weight: 12, arbitrary: mutation.map((step) => ({ step })) },
    { weight: 3, arbitrary: reading.map((read) => ({ read })) },
    { weight: 2, arbitrary: fc.nat(10).map((back) => ({ back })) },
  ),
  { minLength: 40, maxLength: 80 },
)

test('whatever is called, the service does what the contract says', async () => {
  const property = fc.asyncProperty(steps, fc.constantFrom(...ZONES), async (all, own) => {
    const world = await newWorld(service, own)
    await furnish(world)
    for (const one of all) {
      if ('step' in one) await act(world, one.step.in(world))
      else if ('back' in one) await repeat(world, one.back)
      else {
        const { filter, shelves, ...others } = one.read
        await look(world, { ...others, filter: filterIn(world, filter, shelves) })
      }
    }
    await lookAtAll(world)
  })
  await holds(property, RUNS)
})

/** All rows as they are, but for what every Change sets. */
function rows({ tasks, lists }: State): Map<string, Row> {
  const plain = ({ revision: _revision, updatedAt: _updatedAt, ...row }: Row): Row => row
  return new Map([...tasks, ...lists].map(([id, row]) => [id, plain({ ...row })]))
}

test('undone one by one, last first, commits give each state back, and so they do when done again', async () => {
  const property = fc.asyncProperty(fc.array(undoable, { minLength: 10, maxLength: 40 }), async (all) => {
    const world = await newWorld(service, 'UTC')
    const { state } = world
    await furnish(world)
    const before: { revision: number; rows: Map<string, Row> }[] = []
    for (const step of all) {
      const was = rows(state)
      const { head } = state
      await act(world, step.in(world))
      if (state.head > head) before.push({ revision: state.head, rows: was })
    }
    const end = rows(state)
    const undone: number[] = []
    for (const { revision, rows: was } of before.toReversed()) {
      await act(world, { path: 'changes.revert', input: { revision } })
      undone.push(state.head)
      const now = rows(state)
      // What was created is in the trash.
      for (const [id, row] of now) if (!was.has(id)) expect(row['deletedAt']).not.toBeNull()
      for (const [id, row] of was) expect(now.get(id)).toEqual(row)
    }
    for (const revision of undone.toReversed()) await act(world, { path: 'changes.revert', input: { revision } })
    expect(rows(state)).toEqual(end)
  })
  await holds(property, RUNS)
})

async function together(world: World, round: readonly Step[], twice: boolean): Promise<void> {
  const { caller, state } = world
  const callers = [caller, callerOf(secondProcess, caller.user)] as const
  const calls = round.map((step) => ({ call: step.in(world), mutationId: randomUUID() }))
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
    if (done === undefined) throw new Error(`Nobody was told of ${JSON.stringify(commit)}`)
    const outcome = plan(state, done.call, clockOf(world, done.call))
    if ('refused' in outcome) throw new Error(`${JSON.stringify(done.call)} was to be refused`)
    take(state, done.call, outcome, commit, done.answer)
    replies.set(done.mutationId, done.answer.result?.data)
    states.push(structuredClone(state))
  }
  for (const { call, mutationId, answer } of answers) {
    const told = `${JSON.stringify(call)} gave ${answer.text}`
    const clock = clockOf(world, call)
    const code = answer.error?.data.appCode
    if (code === undefined && replies.has(mutationId))
      expect(answer.result?.data, told).toEqual(replies.get(mutationId))
    else if (code === undefined)
      expect(
        states.some((one) => idles(one, call, clock)),
        told,
      ).toBe(true)
    else
      expect(
        states.flatMap((one) => refusalsOf(one, call, clock)),
        told,
      ).toContain(code)
  }
}

test('what is called at once, and twice, happens one after the other, and once', async () => {
  const round = fc.array(undoable, { minLength: 4, maxLength: 12 })
  const rounds = fc.array(round, { minLength: 2, maxLength: 5 })
  const property = fc.asyncProperty(
    fc.array(undoable, { maxLength: 12 }),
    rounds,
    fc.boolean(),
    async (first, all, twice) => {
      const world = await newWorld(service, 'UTC')
      await furnish(world)
      for (const step of first) await act(world, step.in(world))
      for (const one of all) await together(world, one, twice)
      await lookAtAll(world)
    },
  )
  await holds(property, RUNS)
})
