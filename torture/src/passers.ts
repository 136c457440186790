import { clientOf, type Instance } from './instance.ts'
import { until } from './processes.ts'
import type { Random } from './random.ts'
import type { User } from './server.ts'

const AT_ONCE = 20
const PASSING_MS = 30

/** Opens streams whose readers leave at any moment of the opening; returns which streams stayed open. */
export async function passBy(
  instances: readonly Instance[],
  users: readonly User[],
  count: number,
  random: Random,
): Promise<string[]> {
  for (let nr = 0; nr < count; nr += AT_ONCE)
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        const leaving = new AbortController()
        const timer = setTimeout(() => leaving.abort(), random.next() * PASSING_MS)
        const { url } = random.pick(instances)
        await clientOf(url, random.pick(users)).changes.follow({ onChange() {}, signal: leaving.signal })
        clearTimeout(timer)
      }),
    )
  const left: string[] = []
  for (const { url } of instances) {
    const streams = { open: 0, opening: 0 }
    await until('the streams of those who left to end', async () => {
      const text = await (await fetch(`${url}/metrics`)).text()
      streams.open = Number(/^taskwire_streams (\S+)$/m.exec(text)?.[1])
      streams.opening = Number(/^taskwire_streams_opening (\S+)$/m.exec(text)?.[1])
      return streams.open + streams.opening === 0
    })
    if (streams.open !== 0) left.push(`${streams.open} streams stayed open after their readers had left`)
  }
  return left
}
