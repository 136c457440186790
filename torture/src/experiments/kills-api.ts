import type { Options, Result } from '../experiment.ts'
import { clientOf } from '../instance.ts'
import { killsSabotage, runKills } from '../kills.ts'

export const promise = 'An acknowledged write survives kill -9 of the service, and a retried one has its effect once.'
export const sabotage = killsSabotage

const SIZES = {
  short: { kills: 2, callers: 32, between: 40 },
  long: { kills: 100, callers: 32, between: 100 },
}

export async function run(options: Options): Promise<Result> {
  return await runKills(options, {
    ...SIZES[options.size],
    clientFor: (fleet) => (user) => clientOf(fleet.balancer.url, user),
    // Both take writes when one of them is killed in the midst of them.
    async kill(_server, fleet, random) {
      const victim = random.pick(fleet.instances)
      await victim.kill()
      await victim.start()
      await fleet.balancer.serves(victim)
    },
  })
}
