import type { Options, Result } from './experiment.ts'
import { type Fleet, startFleet } from './fleet.ts'
import { audit } from './ledger.ts'
import { until } from './processes.ts'
import { createRandom, type Random } from './random.ts'
import { type Server, startServer } from './server.ts'
import { startWriters, tallyFigures, type WritersOptions } from './writers.ts'

export interface Kills {
  kills: number
  callers: number
  /** Writes that are acknowledged from one kill to the next, on the average. */
  between: number
  clientFor(fleet: Fleet): WritersOptions['clientFor']
  /** Kills, and starts again. */
  kill(server: Server, fleet: Fleet, random: Random): Promise<unknown>
}

export const killsSabotage = 'callers retry under a new mutation id, or take for written what they have only sent'

/** Kills something in the midst of writes, again and again, and holds what is there against an outside log. */
export async function runKills(options: Options, { kills, callers, between, clientFor, kill }: Kills): Promise<Result> {
  const { seed, saboteur = false, say } = options
  const random = createRandom(seed)
  await using server = await startServer()
  await using fleet = await startFleet(server, { ownBalancer: true })
  const users = await server.addUsers(callers / 2, random)
  const writers = startWriters({ users, callers, random, saboteur, clientFor: clientFor(fleet) })
  const { ledger } = writers
  for (let nr = 1; nr <= kills; nr++) {
    const after = ledger.acknowledged + between / 2 + random.below(between)
    await until('writes to be acknowledged', () => ledger.acknowledged >= after)
    await kill(server, fleet, random)
    if (nr % 10 === 0) say(`${nr} of ${kills} kills, ${ledger.acknowledged} writes acknowledged`)
  }
  await writers.stop()
  const { red, ...found } = await audit(server, ledger)
  return { figures: { kills, callers, ...tallyFigures(writers.tally), ...found }, red }
}
