import { newTally, settle } from '../calls.ts'
import { expectThat, type Options, type Result } from '../experiment.ts'
import { startFleet } from '../fleet.ts'
import { clientOf } from '../instance.ts'
import { canonical } from '../replay.ts'
import { createRandom } from '../random.ts'
import { startServer } from '../server.ts'
import { tallyFigures } from '../writers.ts'

export const promise = 'A mutation has its effect once, and one reply, however often and wherever it is sent.'
export const sabotage = 'one copy of each mutation goes under an id of its own'

const SIZES = {
  short: { mutations: 20, copies: 20, users: 6, atOnce: 64, kills: 1 },
  long: { mutations: 1000, copies: 50, users: 20, atOnce: 64, kills: 20 },
}

/** Mutations whose copies are on their way at the same time. */
const WINDOW = 10

export async function run({ seed, size, saboteur = false, say }: Options): Promise<Result> {
  const { mutations, copies, atOnce, kills, ...sizes } = SIZES[size]
  const random = createRandom(seed)
  await using server = await startServer()
  await using fleet = await startFleet(server, { ownBalancer: true })
  const users = await server.addUsers(sizes.users, random)
  const clients = users.map((user) => fleet.instances.map(({ url }) => clientOf(url, user)))
  const red: string[] = []
  const tally = newTally()
  const replies = new Map<string, Set<string>>()

  // In windows, so that the copies of one mutation meet on both instances.
  const ids = Array.from({ length: mutations }, () => random.uuid())
  const sends: { nr: number; copy: number }[] = []
  for (let first = 0; first < mutations; first += WINDOW) {
    const window = Array.from({ length: Math.min(WINDOW, mutations - first) }, (_, nr) =>
      Array.from({ length: copies }, (_, copy) => ({ nr: first + nr, copy })),
    )
    sends.push(...random.shuffle(window.flat()))
  }
  const killAt = new Set(Array.from({ length: kills }, (_, kill) => Math.floor(((kill + 0.5) * sends.length) / kills)))
  let restarting = Promise.resolve()
  let sent = 0

  async function restart(): Promise<void> {
    const victim = random.pick(fleet.instances)
    await victim.kill()
    await victim.start()
  }

  async function sendInTurn(): Promise<void> {
    for (;;) {
      const at = sent++
      const next = sends[at]
      if (next === undefined) return
      if (killAt.has(at)) restarting = restarting.then(restart)
      const id = ids[next.nr] ?? ''
      const client = clients[next.nr % clients.length]?.[(next.nr + next.copy) % fleet.instances.length]
      if (client === undefined) throw new Error('There is no client')
      const mutationId = saboteur && next.copy === copies - 1 ? random.uuid() : id
      const title = `mutation ${next.nr}`
      const outcome = await settle(tally, async () => await client.tasks.create.mutate({ title, mutationId }))
      if (outcome.kind === 'ok') replies.set(id, (replies.get(id) ?? new Set()).add(canonical(outcome.value)))
      else red.push(`copy ${next.copy} of mutation ${next.nr} was refused: ${outcome.failure.appCode}`)
      if (sent % 5000 === 0) say(`${sent} of ${sends.length} sent`)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, sendInTurn))
  await restarting

  const [found] = await server.query<{ effects: number; records: number }>(
    'select (select count(*)::int from tw.changes) as effects, (select count(*)::int from tw.mutations) as records',
  )
  const differing = [...replies.values()].filter((set) => set.size !== 1).length
  expectThat(red, found?.effects === mutations, `${mutations} mutations had ${found?.effects} effects`)
  expectThat(red, found?.records === mutations, `${mutations} mutations left ${found?.records} records`)
  expectThat(red, differing === 0, `${differing} mutations had several replies`)
  expectThat(red, replies.size === mutations, `${replies.size} of ${mutations} mutations had a reply`)
  return {
    figures: {
      mutations,
      copies,
      kills,
      ...tallyFigures(tally),
      effects: found?.effects ?? 0,
      'mutations with several replies': differing,
    },
    red,
  }
}
