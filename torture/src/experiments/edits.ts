import type { Task } from '@taskwire/client'
import { newTally, settle } from '../calls.ts'
import { expectThat, type Options, type Result } from '../experiment.ts'
import { startFleet } from '../fleet.ts'
import { clientOf, patientClientOf } from '../instance.ts'
import { createRandom } from '../random.ts'
import { startServer, type User } from '../server.ts'
import { tallyFigures } from '../writers.ts'

export const promise = 'No update is lost: an edit with a spent expectedRevision is refused, with the row as it is.'
export const sabotage = 'callers leave expectedRevision out'

const SIZES = {
  short: { callers: 64, edits: 160, users: 4, tasksPerUser: 4 },
  long: { callers: 64, edits: 10_000, users: 4, tasksPerUser: 4 },
}

/** A task that counts its edits, in its title. */
interface Counter {
  user: User
  id: string
  left: number
  acknowledged: number
}

export async function run({ seed, size, saboteur = false, say }: Options): Promise<Result> {
  const { callers, edits, users, tasksPerUser } = SIZES[size]
  const random = createRandom(seed)
  await using server = await startServer()
  await using fleet = await startFleet(server, { ownBalancer: true })
  const red: string[] = []
  const tally = newTally()
  let conflicts = 0
  let withoutCurrent = 0
  let all = 0

  const counters: Counter[] = []
  for (const user of await server.addUsers(users, random)) {
    const client = patientClientOf(fleet.balancer.url, user)
    for (let nr = 0; nr < tasksPerUser; nr++) {
      const { id } = await client.tasks.create.mutate({ title: '0' })
      const left = Math.ceil(edits / (users * tasksPerUser))
      counters.push({ user, id, left, acknowledged: 0 })
    }
  }

  let reading = callers
  const { promise: allHaveRead, resolve: begin } = Promise.withResolvers<void>()

  async function edit(caller: number): Promise<void> {
    const counter = counters[caller % counters.length]
    if (counter === undefined) throw new Error('There are no counters')
    const { id } = counter
    const client = clientOf(fleet.balancer.url, counter.user)
    const chance = random.fork(caller)
    const read = async (): Promise<Task> =>
      await patientClientOf(fleet.balancer.url, counter.user).tasks.get.query({ id })
    let seen: Pick<Task, 'title' | 'revision'> = await read()
    // All go on from the same revision: of those who share a task one wins, and the others lose.
    if (--reading === 0) begin()
    await allHaveRead
    while (counter.left > 0) {
      const mutationId = chance.uuid()
      const expected = saboteur ? {} : { expectedRevision: seen.revision }
      const changes = { title: String(Number(seen.title) + 1) }
      const outcome = await settle(
        tally,
        async () => await client.tasks.update.mutate({ id, changes, mutationId, ...expected }),
      )
      if (outcome.kind === 'ok') {
        seen = outcome.value
        counter.left--
        counter.acknowledged++
        if (++all % 1000 === 0) say(`${all} edits acknowledged`)
        continue
      }
      const { failure } = outcome
      if (failure.appCode !== 'REVISION_CONFLICT') throw new Error(`An edit was refused: ${failure.message}`)
      conflicts++
      // Edits from nowhere go on from what the refusal has shown: no loser reads again.
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
    expectThat(red, title === String(acknowledged), `a task counted ${title} of ${acknowledged} acknowledged edits`)
  }
  // A personal space has the id of its account.
  for (const { id, revision } of await server.query<{ id: string; revision: number }>(
    'select id, revision::int from tw.spaces',
  )) {
    const own = counters.filter((counter) => counter.user.id === id)
    const expected = own.reduce((sum, { acknowledged }) => sum + acknowledged, own.length)
    expectThat(red, revision === expected, `a head is at ${revision}, after ${expected} acknowledged mutations`)
  }
  expectThat(red, withoutCurrent === 0, `${withoutCurrent} losers were not given the row as it is`)
  expectThat(red, saboteur || conflicts > 0, 'nobody lost: the callers did not meet')
  return {
    figures: {
      callers,
      'edits acknowledged': all,
      conflicts,
      ...tallyFigures(tally),
      'without current': withoutCurrent,
    },
    red,
  }
}
