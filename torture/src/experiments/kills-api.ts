// Callers write through a balancer to two instances. Repeatedly, one of the instances is killed with SIGKILL and
// restarted. Callers retry with the same mutation id until they know the outcome.
// Fails if an acknowledged write is missing, a write took effect twice or without being sent, an outcome stays unknown,
// or a space's log is broken.

import type { Options, Result } from '../experiment.ts'
import { clientOf } from '../instance.ts'
import { brokenCallers, runKills } from '../kills.ts'

export const promise = 'An acknowledged write survives kill -9 of the service, and a retried write takes effect once.'
export const negativeControl = brokenCallers

const SIZES = {
  short: { kills: 2, callers: 32, between: 40 },
  long: { kills: 100, callers: 32, between: 100 },
}

export async function run(options: Options): Promise<Result> {
  return await runKills(options, {
    ...SIZES[options.size],
    clientFor: (fleet) => (user) => clientOf(fleet.balancer.url, user),
    async kill(_server, fleet, random) {
      const victim = random.pick(fleet.instances)
      await victim.kill()
      await victim.start()
      // Before the next kill, both instances have to receive writes.
      await fleet.balancer.waitFor(victim)
    },
  })
}
