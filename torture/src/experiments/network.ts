// Injects faults between client and service and between service and PostgreSQL, one at a time, while callers write:
// latency, resets, dropped responses, a black hole, small slices.
// Fails if a call does not settle in time, the service does not recover in time once the fault is gone, or an
// acknowledged write is lost or doubled.

import type { Client } from '@taskwire/client'
import { attempt, newTally, settle } from '../calls.ts'
import { expectThat, type Options, type Result } from '../experiment.ts'
import { type Fault, FAULTS, startFaultProxy } from '../fault-proxy.ts'
import { clientOf, startInstance } from '../instance.ts'
import { audit, createSentWrites, type SentWrite } from '../sent-writes.ts'
import { createRandom } from '../random.ts'
import { startServer, type User } from '../server.ts'
import { tallyMetrics } from '../writers.ts'

export const promise =
  'Whatever the network does, to the service or to the database, every call settles in time, and the service recovers soon after.'
export const negativeControl = 'callers have no timeout'

type Hop = 'to the service' | 'to the database'
const HOPS: readonly Hop[] = ['to the service', 'to the database']

const SIZES = {
  // Long bounds: on a busy machine this asserts only that calls settle and the service recovers at all.
  short: {
    callers: 8,
    callsEach: 1,
    timeoutMs: 2000,
    settleMs: 40_000,
    recoveryMs: 60_000,
    faults: [
      ['to the service', 'half-open'],
      ['to the service', 'slices'],
      ['to the database', 'reset'],
      ['to the database', 'black hole'],
    ] as readonly (readonly [Hop, Fault])[],
  },
  long: {
    callers: 32,
    callsEach: 5,
    timeoutMs: 4500,
    settleMs: 5000,
    recoveryMs: 10_000,
    faults: [...HOPS, ...HOPS, ...HOPS].flatMap((hop) => FAULTS.map((fault): readonly [Hop, Fault] => [hop, fault])),
  },
}

interface Call {
  user: User
  client: Client
  entry: SentWrite
  mutationId: string
}

export async function run({ seed, size, isNegativeControl = false, print }: Options): Promise<Result> {
  const { callers, callsEach, timeoutMs, settleMs, recoveryMs, faults } = SIZES[size]
  const random = createRandom(seed)
  await using server = await startServer()
  const url = new URL(server.settings['DATABASE_URL'] ?? '')
  await using databaseHop = await startFaultProxy({ host: url.hostname, port: Number(url.port) })
  url.port = String(databaseHop.port)
  await using instance = await startInstance({ ...server.settings, DATABASE_URL: url.href })
  await using serviceHop = await startFaultProxy({ host: '127.0.0.1', port: instance.port })
  const users = await server.addUsers(callers, random)
  const violations: string[] = []
  const tally = newTally()
  const sentWrites = createSentWrites()
  const slowest: Record<string, number> = {}
  let slowestRecovery = 0
  const serviceUrl = `http://127.0.0.1:${serviceHop.port}`

  async function call({ client, entry, mutationId }: Call, abortAfterMs: number): Promise<boolean> {
    const abort = AbortSignal.timeout(abortAfterMs)
    const { title } = entry
    const outcome = await attempt(
      tally,
      async () => await client.tasks.create.mutate({ title, mutationId }, { signal: abort }),
    )
    if (outcome.kind === 'ok') sentWrites.acknowledge(entry)
    return outcome.kind === 'ok'
  }

  for (const [nr, [hop, fault]] of random.shuffle(faults).entries()) {
    const proxy = hop === 'to the service' ? serviceHop : databaseHop
    const name = `slowest ${hop}, ${fault}, ms`
    // Longer than settleMs towards the database, so that the service itself has to respond in time.
    const clientTimeoutMs = isNegativeControl ? Infinity : hop === 'to the service' ? timeoutMs : settleMs * 2
    const unsettled: Call[] = []
    proxy.inject(fault)
    await Promise.all(
      users.map(async (user, caller) => {
        const client = clientOf(serviceUrl, user, clientTimeoutMs)
        for (let times = 0; times < callsEach; times++) {
          const entry = sentWrites.add(user.id, `fault ${nr}, caller ${caller}, call ${times}`)
          const one: Call = { user, client, entry, mutationId: random.uuid() }
          const began = performance.now()
          if (!(await call(one, settleMs + 500))) unsettled.push(one)
          const ms = Math.round(performance.now() - began)
          slowest[name] = Math.max(ms, slowest[name] ?? 0)
          expectThat(violations, ms <= settleMs, `a call took ${ms} ms to settle, above ${settleMs}: ${fault} ${hop}`)
        }
      }),
    )
    proxy.inject('none')
    const recoveryBegan = performance.now()
    // The calls that failed or have an unknown outcome are retried; then each caller makes one more call.
    await Promise.all(
      unsettled.map(async ({ user, entry, mutationId }) => {
        const { title } = entry
        const retry = async () => await clientOf(serviceUrl, user).tasks.create.mutate({ title, mutationId })
        const { kind } = await settle(tally, retry)
        tally.resolved++
        if (kind === 'ok') sentWrites.acknowledge(entry)
        else entry.state = 'refused'
      }),
    )
    await Promise.all(
      users.map(async (user) => await settle(tally, async () => await clientOf(serviceUrl, user).tasks.list.query())),
    )
    const recoveredMs = Math.round(performance.now() - recoveryBegan)
    slowestRecovery = Math.max(slowestRecovery, recoveredMs)
    expectThat(
      violations,
      recoveredMs <= recoveryMs,
      `the service took ${recoveredMs} ms to recover, above ${recoveryMs}: ${fault} ${hop}`,
    )
    print(`${nr + 1} of ${faults.length}: ${fault} ${hop}, slowest ${slowest[name]} ms, recovered in ${recoveredMs} ms`)
  }
  const { violations: found, ...metrics } = await audit(server, sentWrites)
  return {
    metrics: {
      'faults injected': faults.length,
      callers,
      ...tallyMetrics(tally),
      ...metrics,
      ...slowest,
      'slowest recovery, ms': slowestRecovery,
    },
    violations: [...violations, ...found],
  }
}
