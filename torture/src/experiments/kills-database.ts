// Callers write to two instances. Repeatedly, every PostgreSQL process is killed with SIGKILL and PostgreSQL is
// restarted. Callers retry with the same mutation id until they know the outcome.
// Fails if an acknowledged write is missing, a write took effect twice or without being sent, an outcome stays unknown,
// or a space's log is broken.

import type { Options, Result } from '../experiment.ts'
import { clientOf } from '../instance.ts'
import { brokenCallers, runKills } from '../kills.ts'

export const promise =
  'An acknowledged write survives kill -9 of every PostgreSQL process, and a retried write takes effect once.'
export const negativeControl = brokenCallers

const SIZES = {
  short: { kills: 2, callers: 32, between: 40 },
  long: { kills: 50, callers: 32, between: 200 },
}

export async function run(options: Options): Promise<Result> {
  return await runKills(options, {
    ...SIZES[options.size],
    // Callers bypass the balancer, for which no instance is ready while PostgreSQL is down.
    clientFor: (fleet) => (user, caller) => clientOf(fleet.instances[caller % fleet.instances.length]?.url ?? '', user),
    async kill(server) {
      await server.kill()
      await server.start()
    },
  })
}
