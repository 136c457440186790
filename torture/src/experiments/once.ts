// Sends many copies of each mutation, with the same mutation id, to two instances at once, while instances are killed.
// Fails unless there are exactly as many Changes and as many records as mutations, and all copies of a mutation got the
// same reply.

import { newTally, settle } from '../calls.ts'
import { expectThat, type Options, type Result } from '../experiment.ts'
import { startFleet } from '../fleet.ts'
import { clientOf } from '../instance.ts'
import { canonical } from '../canonical.ts'
import { createRandom } from '../random.ts'
import { startServer } from '../server.ts'
import { tallyMetrics } from '../writers.ts'

export const promise =
  'A mutation takes effect once and has one reply, however often and to whichever instance it is sent.'
export const negativeControl = 'one copy of each mutation has a mutation id of its own'

const SIZES = {
  short: { mutations: 20, copies: 20, users: 6, concurrency: 64, kills: 1 },
  long: { mutations: 1000, copies: 50, users: 20, concurrency: 64, kills: 20 },
}

/** Mutations whose copies are in flight at the same time. */
const WINDOW = 10

export async function run({ seed, size, isNegativeControl = false, print }: Options): Promise<Result> {
  const { mutations, copies, concurrency, kills, ...sizes } = SIZES[size]
  const random = createRandom(seed)
  await using server = await startServer()
  await using fleet = await startFleet(server, { ownBalancer: true })
  const users = await server.addUsers(sizes.users, random)
  const clients = users.map((user) => fleet.instances.map(({ url }) => clientOf(url, user)))
  const violations: string[] = []
  const tally = newTally()
  const replies = new Map<string, Set<string>>()

  // Mutations are sent in windows, so that copies of one mutation reach both instances at about the same time.
  const ids = Array.from({ length: mutations }, () => random.uuid())
  const sends: { nr: number; copy: number }[] = []
  for (let first = 0; first < mutations; first += WINDOW) {
    const window = Array.from({ length: Math.min(WINDOW, mutations - first) }, (_, nr) =>
      Array.from({ length: copies }, (_, copy) => ({ nr: first + nr, copy })),
    )
    sends.push(...random.shuffle(window.flat()))
  }
  const killBefore = new Set(
    Array.from({ length: kills }, (_, kill) => Math.floor(((kill + 0.5) * sends.length) / kills)),
  )
  let restarting = Promise.resolve()
  let sent = 0

  async function restart(): Promise<void> {
    const victim = random.pick(fleet.instances)
    await victim.kill()
    await victim.start()
  }

  async function sendNext(): Promise<void> {
    for (;;) {
      const at = sent++
      const next = sends[at]
      if (next === undefined) return
      if (killBefore.has(at)) restarting = restarting.then(restart)
      const id = ids[next.nr] ?? ''
      const client = clients[next.nr % clients.length]?.[(next.nr + next.copy) % fleet.instances.length]
      if (client === undefined) throw new Error('There is no client')
      const mutationId = isNegativeControl && next.copy === copies - 1 ? random.uuid() : id
      const title = `mutation ${next.nr}`
      const outcome = await settle(tally, async () => await client.tasks.create.mutate({ title, mutationId }))
      if (outcome.kind === 'ok') replies.set(id, (replies.get(id) ?? new Set()).add(canonical(outcome.value)))
      else violations.push(`copy ${next.copy} of mutation ${next.nr} failed: ${outcome.failure.appCode}`)
      if (sent % 5000 === 0) print(`${sent} of ${sends.length} sent`)
    }
  }
  await Promise.all(Array.from({ length: concurrency }, sendNext))
  await restarting

  const [found] = await server.query<{ effects: number; records: number }>(
    'select (select count(*)::int from tw.changes) as effects, (select count(*)::int from tw.mutations) as records',
  )
  const differing = [...replies.values()].filter((set) => set.size !== 1).length
  expectThat(violations, found?.effects === mutations, `${mutations} mutations left ${found?.effects} Changes`)
  expectThat(violations, found?.records === mutations, `${mutations} mutations left ${found?.records} records`)
  expectThat(violations, differing === 0, `${differing} mutations had different replies`)
  expectThat(violations, replies.size === mutations, `${replies.size} of ${mutations} mutations had a reply`)
  return {
    metrics: {
      mutations,
      copies,
      kills,
      ...tallyMetrics(tally),
      effects: found?.effects ?? 0,
      'mutations with different replies': differing,
    },
    violations,
  }
}
