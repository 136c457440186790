import type { Options, Result } from './experiment.ts'
import { type Fleet, startFleet } from './fleet.ts'
import { audit } from './sent-writes.ts'
import { until } from './processes.ts'
import { createRandom, type Random } from './random.ts'
import { type Server, startServer } from './server.ts'
import { startWriters, tallyMetrics, type WritersOptions } from './writers.ts'

export interface Kills {
  kills: number
  callers: number
  /** Average number of acknowledged writes from one kill to the next. */
  between: number
  clientFor(fleet: Fleet): WritersOptions['clientFor']
  /** Kills something and starts it again. */
  kill(server: Server, fleet: Fleet, random: Random): Promise<unknown>
}

export const brokenCallers = 'callers retry with a new mutation id, or count a write as acknowledged when they send it'

/** Kills something repeatedly during writes, then compares the database with the writes that the callers sent. */
export async function runKills(options: Options, { kills, callers, between, clientFor, kill }: Kills): Promise<Result> {
  const { seed, isNegativeControl = false, print } = options
  const random = createRandom(seed)
  await using server = await startServer()
  await using fleet = await startFleet(server, { ownBalancer: true })
  const users = await server.addUsers(callers / 2, random)
  const writers = startWriters({
    users,
    callers,
    random,
    hasBrokenCallers: isNegativeControl,
    clientFor: clientFor(fleet),
  })
  const { sentWrites } = writers
  for (let nr = 1; nr <= kills; nr++) {
    const after = sentWrites.acknowledged + between / 2 + random.below(between)
    await until('writes to be acknowledged', () => sentWrites.acknowledged >= after)
    await kill(server, fleet, random)
    if (nr % 10 === 0) print(`${nr} of ${kills} kills, ${sentWrites.acknowledged} writes acknowledged`)
  }
  await writers.stop()
  const { violations, ...found } = await audit(server, sentWrites)
  return { metrics: { kills, callers, ...tallyMetrics(writers.tally), ...found }, violations }
}
