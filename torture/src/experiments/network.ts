import type { Client } from '@taskwire/client'
import { attempt, newTally, settle } from '../calls.ts'
import { expectThat, type Options, type Result } from '../experiment.ts'
import { type Fault, FAULTS, startFaultProxy } from '../fault-proxy.ts'
import { clientOf, startInstance } from '../instance.ts'
import { audit, createLedger, type Entry } from '../ledger.ts'
import { createRandom } from '../random.ts'
import { startServer, type User } from '../server.ts'
import { tallyFigures } from '../writers.ts'

export const promise =
  'Whatever the network does on either hop, every call settles in time, and all is well soon after.'
export const sabotage = 'the callers have no time-out of their own'

type Hop = 'to the service' | 'to the database'
const HOPS: readonly Hop[] = ['to the service', 'to the database']

const SIZES = {
  // Asserting that it settles and heals at all where the machine may be busy, and not when.
  short: {
    callers: 8,
    callsEach: 1,
    timeoutMs: 2000,
    settleMs: 40_000,
    healMs: 60_000,
    plays: [
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
    healMs: 10_000,
    plays: [...HOPS, ...HOPS, ...HOPS].flatMap((hop) => FAULTS.map((fault): readonly [Hop, Fault] => [hop, fault])),
  },
}

interface Call {
  user: User
  client: Client
  entry: Entry
  mutationId: string
}

export async function run({ seed, size, saboteur = false, say }: Options): Promise<Result> {
  const { callers, callsEach, timeoutMs, settleMs, healMs, plays } = SIZES[size]
  const random = createRandom(seed)
  await using server = await startServer()
  const url = new URL(server.settings['DATABASE_URL'] ?? '')
  await using databaseHop = await startFaultProxy({ host: url.hostname, port: Number(url.port) })
  url.port = String(databaseHop.port)
  await using instance = await startInstance({ ...server.settings, DATABASE_URL: url.href })
  await using serviceHop = await startFaultProxy({ host: '127.0.0.1', port: instance.port })
  const users = await server.addUsers(callers, random)
  const red: string[] = []
  const tally = newTally()
  const ledger = createLedger()
  const slowest: Record<string, number> = {}
  let slowestHeal = 0
  const far = `http://127.0.0.1:${serviceHop.port}`

  async function call({ client, entry, mutationId }: Call, patienceMs: number): Promise<boolean> {
    const abort = AbortSignal.timeout(patienceMs)
    const { title } = entry
    const outcome = await attempt(
      tally,
      async () => await client.tasks.create.mutate({ title, mutationId }, { signal: abort }),
    )
    if (outcome.kind === 'ok') ledger.acknowledge(entry)
    return outcome.kind === 'ok'
  }

  for (const [nr, [hop, fault]] of random.shuffle(plays).entries()) {
    const proxy = hop === 'to the service' ? serviceHop : databaseHop
    const name = `slowest ${hop}, ${fault}, ms`
    // That the service answers in time is seen only by those who wait for longer.
    const patience = saboteur ? Infinity : hop === 'to the service' ? timeoutMs : settleMs * 2
    const open: Call[] = []
    proxy.play(fault)
    await Promise.all(
      users.map(async (user, caller) => {
        const client = clientOf(far, user, patience)
        for (let times = 0; times < callsEach; times++) {
          const entry = ledger.enter(user.id, `play ${nr}, caller ${caller}, call ${times}`)
          const one: Call = { user, client, entry, mutationId: random.uuid() }
          const began = performance.now()
          if (!(await call(one, settleMs + 500))) open.push(one)
          const ms = Math.round(performance.now() - began)
          slowest[name] = Math.max(ms, slowest[name] ?? 0)
          expectThat(red, ms <= settleMs, `a call took ${ms} ms to settle: ${fault} ${hop}`)
        }
      }),
    )
    proxy.play('none')
    const healing = performance.now()
    // What was refused or is unknown is sent again; and each caller is served, not by one connection alone.
    await Promise.all(
      open.map(async ({ user, entry, mutationId }) => {
        const { title } = entry
        const again = async () => await clientOf(far, user).tasks.create.mutate({ title, mutationId })
        const { kind } = await settle(tally, again)
        tally.resolved++
        if (kind === 'ok') ledger.acknowledge(entry)
        else entry.state = 'refused'
      }),
    )
    await Promise.all(
      users.map(async (user) => await settle(tally, async () => await clientOf(far, user).tasks.list.query())),
    )
    const healed = Math.round(performance.now() - healing)
    slowestHeal = Math.max(slowestHeal, healed)
    expectThat(red, healed <= healMs, `it took ${healed} ms to heal: ${fault} ${hop}`)
    say(`${nr + 1} of ${plays.length}: ${fault} ${hop}, slowest ${slowest[name]} ms, healed in ${healed} ms`)
  }
  const { red: found, ...figures } = await audit(server, ledger)
  return {
    figures: {
      plays: plays.length,
      callers,
      ...tallyFigures(tally),
      ...figures,
      ...slowest,
      'slowest healing, ms': slowestHeal,
    },
    red: [...red, ...found],
  }
}
