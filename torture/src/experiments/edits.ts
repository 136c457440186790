// Many callers edit a few tasks at once with `expectedRevision`; each edit increments the number in the task's title.
// After a conflict a caller continues from the row in the error.
// Fails if a task's title is not the number of its acknowledged edits, a space's head is not the number of its
// acknowledged mutations, or the error of a conflict does not have the current row.

import type { Task } from '@taskwire/client'
import { newTally, settle } from '../calls.ts'
import { expectThat, type Options, type Result } from '../experiment.ts'
import { startFleet } from '../fleet.ts'
import { clientOf, patientClientOf } from '../instance.ts'
import { createRandom } from '../random.ts'
import { startServer, type User } from '../server.ts'
import { tallyMetrics } from '../writers.ts'

export const promise =
  'No update is lost: an edit with an outdated expectedRevision is refused, and the error has the current row.'
export const negativeControl = 'callers leave expectedRevision out'

const SIZES = {
  short: { callers: 64, edits: 160, users: 4, tasksPerUser: 4 },
  long: { callers: 64, edits: 10_000, users: 4, tasksPerUser: 4 },
}

/** A task whose title counts its edits. */
interface Counter {
  user: User
  id: string
  left: number
  acknowledged: number
}

export async function run({ seed, size, isNegativeControl = false, print }: Options): Promise<Result> {
  const { callers, edits, users, tasksPerUser } = SIZES[size]
  const random = createRandom(seed)
  await using server = await startServer()
  await using fleet = await startFleet(server, { ownBalancer: true })
  const violations: string[] = []
  const tally = newTally()
  let conflicts = 0
  let withoutCurrent = 0
  let total = 0

  const counters: Counter[] = []
  for (const user of await server.addUsers(users, random)) {
    const client = patientClientOf(fleet.balancer.url, user)
    for (let nr = 0; nr < tasksPerUser; nr++) {
      const { id } = await client.tasks.create.mutate({ title: '0' })
      const left = Math.ceil(edits / (users * tasksPerUser))
      counters.push({ user, id, left, acknowledged: 0 })
    }
  }

  let callersReading = callers
  const { promise: allHaveRead, resolve: startEdits } = Promise.withResolvers<void>()

  async function edit(caller: number): Promise<void> {
    const counter = counters[caller % counters.length]
    if (counter === undefined) throw new Error('There are no tasks')
    const { id } = counter
    const client = clientOf(fleet.balancer.url, counter.user)
    const chance = random.fork(caller)
    const read = async (): Promise<Task> =>
      await patientClientOf(fleet.balancer.url, counter.user).tasks.get.query({ id })
    let seen: Pick<Task, 'title' | 'revision'> = await read()
    // All callers of a task start from the same revision, so one succeeds and the others get a conflict.
    if (--callersReading === 0) startEdits()
    await allHaveRead
    while (counter.left > 0) {
      const mutationId = chance.uuid()
      const expected = isNegativeControl ? {} : { expectedRevision: seen.revision }
      const changes = { title: String(Number(seen.title) + 1) }
      const outcome = await settle(
        tally,
        async () => await client.tasks.update.mutate({ id, changes, mutationId, ...expected }),
      )
      if (outcome.kind === 'ok') {
        seen = outcome.value
        counter.left--
        counter.acknowledged++
        if (++total % 1000 === 0) print(`${total} edits acknowledged`)
        continue
      }
      const { failure } = outcome
      if (failure.appCode !== 'REVISION_CONFLICT') throw new Error(`An edit failed: ${failure.message}`)
      conflicts++
      // Continue from the row in the error, without another read.
      if (failure.current !== undefined && 'title' in failure.current && failure.current.revision > seen.revision)
        seen = failure.current
      else {
        withoutCurrent++
        seen = await read()
      }
    }
  }
  await Promise.all(Array.from({ length: callers }, async (_, caller) => await edit(caller)))

  for (const { user, id, acknowledged } of counters) {
    const { title } = await patientClientOf(fleet.balancer.url, user).tasks.get.query({ id })
    expectThat(
      violations,
      title === String(acknowledged),
      `a task counts ${title} edits, but ${acknowledged} were acknowledged`,
    )
  }
  // A personal space has the id of its account.
  for (const { id, revision } of await server.query<{ id: string; revision: number }>(
    'select id, revision::int from tw.spaces',
  )) {
    const own = counters.filter((counter) => counter.user.id === id)
    const expected = own.reduce((sum, { acknowledged }) => sum + acknowledged, own.length)
    expectThat(
      violations,
      revision === expected,
      `a head is at revision ${revision} after ${expected} acknowledged mutations`,
    )
  }
  expectThat(violations, withoutCurrent === 0, `${withoutCurrent} conflicts did not have the current row`)
  expectThat(violations, isNegativeControl || conflicts > 0, 'no edit had a conflict: the callers did not overlap')
  return {
    metrics: {
      callers,
      'edits acknowledged': total,
      conflicts,
      ...tallyMetrics(tally),
      'conflicts without the current row': withoutCurrent,
    },
    violations,
  }
}
