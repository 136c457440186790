import type { Options, Result } from '../experiment.ts'
import { startFleet } from '../fleet.ts'
import { clientOf } from '../instance.ts'
import { audit } from '../ledger.ts'
import { until } from '../processes.ts'
import { createRandom } from '../random.ts'
import { startServer } from '../server.ts'
import { startWriters, tallyFigures } from '../writers.ts'

export const promise = 'An acknowledged write survives kill -9 of the service, and a retried one has its effect once.'
export const sabotage = 'callers retry under a new mutation id, or take for written what they have only sent'

const SIZES = {
  short: { kills: 2, callers: 32, between: 40 },
  long: { kills: 100, callers: 32, between: 100 },
}

export async function run({ seed, size, saboteur = false, say }: Options): Promise<Result> {
  const { kills, callers, between } = SIZES[size]
  const random = createRandom(seed)
  await using server = await startServer()
  await using fleet = await startFleet(server, { ownBalancer: true })
  const users = await server.addUsers(callers / 2, random)
  const writers = startWriters({
    users,
    callers,
    random,
    saboteur,
    clientFor: (user) => clientOf(fleet.balancer.url, user),
  })
  const { ledger } = writers
  for (let kill = 1; kill <= kills; kill++) {
    // Both take writes when one of them is killed in the midst of them.
    const after = ledger.acknowledged + between / 2 + random.below(between)
    await until('writes to be acknowledged', () => ledger.acknowledged >= after)
    const victim = random.pick(fleet.instances)
    await victim.kill()
    await victim.start()
    await fleet.balancer.serves(victim)
    if (kill % 10 === 0) say(`${kill} of ${kills} kills, ${ledger.acknowledged} writes acknowledged`)
  }
  await writers.stop()
  const { red, ...found } = await audit(server, ledger)
  return { figures: { kills, callers, ...tallyFigures(writers.tally), ...found }, red }
}
