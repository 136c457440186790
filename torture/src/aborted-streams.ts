import { clientOf, type Instance } from './instance.ts'
import { until } from './processes.ts'
import type { Random } from './random.ts'
import type { User } from './server.ts'

const CONCURRENCY = 20
const ABORT_WITHIN_MS = 30

/** Opens streams, aborts them at random moments while they open, and checks that each instance ends all of them. */
export async function findLeakedStreams(
  instances: readonly Instance[],
  users: readonly User[],
  count: number,
  random: Random,
): Promise<string[]> {
  for (let nr = 0; nr < count; nr += CONCURRENCY)
    await Promise.all(
      Array.from({ length: CONCURRENCY }, async () => {
        const aborting = new AbortController()
        const timer = setTimeout(() => aborting.abort(), random.next() * ABORT_WITHIN_MS)
        const { url } = random.pick(instances)
        await clientOf(url, random.pick(users)).changes.follow({ onChange() {}, signal: aborting.signal })
        clearTimeout(timer)
      }),
    )
  const violations: string[] = []
  for (const { url } of instances) {
    const streams = { open: 0, opening: 0 }
    await until('aborted streams to end', async () => {
      const text = await (await fetch(`${url}/metrics`)).text()
      streams.open = Number(/^taskwire_streams (\S+)$/m.exec(text)?.[1])
      streams.opening = Number(/^taskwire_streams_opening (\S+)$/m.exec(text)?.[1])
      return streams.open + streams.opening === 0
    })
    if (streams.open !== 0) violations.push(`${streams.open} streams stayed open after they were aborted`)
  }
  return violations
}
