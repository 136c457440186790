import type { Options, Result } from '../experiment.ts'
import { clientOf } from '../instance.ts'
import { killsSabotage, runKills } from '../kills.ts'

export const promise =
  'An acknowledged write survives kill -9 of every PostgreSQL process, and a retried one has its effect once.'
export const sabotage = killsSabotage

const SIZES = {
  short: { kills: 2, callers: 32, between: 40 },
  long: { kills: 50, callers: 32, between: 200 },
}

export async function run(options: Options): Promise<Result> {
  return await runKills(options, {
    ...SIZES[options.size],
    // Past the balancer, which sends to nobody while the database is away.
    clientFor: (fleet) => (user, caller) => clientOf(fleet.instances[caller % fleet.instances.length]?.url ?? '', user),
    async kill(server) {
      await server.kill()
      await server.start()
    },
  })
}
