import { createHash } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { startPostgres } from '@taskwire/api/process-testing'
import { arrayText, connectOnce } from '@taskwire/db'
import { createTestDatabase, type TestDatabase } from '@taskwire/db/testing'
import { expectThat, type Options, type Result } from '../experiment.ts'
import type { Load, Seen } from '../load.ts'
import { startGenerator, startProgram } from '../loaded.ts'
import { createRandom, type Random } from '../random.ts'

export const promise = 'ten times what it can do is refused, not suffered, and a noisy user starves nobody'
export const sabotage = 'admission is off: whatever comes is worked on'

const SECONDS = { short: 5, long: 60 }
/** Of the same users the load is made up in every phase; the noisy one is not among them. */
const USERS = 200
const TASKS = 20

/** Measures what the service can do, offers ten times as much, from many and then from one, and looks how it comes back. */
export async function run({ seed, size, say, saboteur = false }: Options): Promise<Result> {
  const seconds = SECONDS[size]
  const random = createRandom(seed)
  await using _postgres = await startPostgres()
  await using database = await createTestDatabase()
  const people = await seedPeople(database, random)
  await using service = await startProgram(database, saboteur ? 'without-admission.ts' : undefined)
  await using generator = startGenerator()
  const { port } = service
  const [noisy, ...users] = people
  if (noisy === undefined) throw new Error('There are no people')
  const quiet = users.flatMap((user) => requestsOf(user, port, random))
  const load = async (part: Omit<Load, 'port' | 'seed' | 'requests'>, requests = quiet): Promise<Seen> =>
    await generator.run({ port, seed: random.below(2 ** 31), requests, ...part })

  await load({ closed: 32, seconds: Math.min(3, seconds) })
  const idle = await cpuOf(port)
  const calm = await load({ closed: 32, seconds: Math.min(10, seconds) })
  const perCall = ((await cpuOf(port)) - idle) / calm.ok.count
  const capacity = calm.ok.count / Math.min(10, seconds)
  say(`C is ${Math.round(capacity)} a second, p99 ${calm.ok.p99} ms`)

  const figures: Result['figures'] = { capacity: Math.round(capacity), 'p99 ms at C, 32 at a time': calm.ok.p99 }
  const red: string[] = []
  const note = (name: string, seen: Seen, over: number): void => {
    say(`${name}: ${JSON.stringify(seen)}`)
    figures[`${name}: ok, refused, failed a second`] = [seen.ok, seen.refused, seen.failed]
      .map(({ count }) => Math.round(count / over))
      .join(', ')
    figures[`${name}: p99 ms of the accepted`] = seen.ok.p99
    figures[`${name}: p99 ms of the refused`] = seen.refused.p99
    figures[`${name}: sent late by the generator`] = seen.late
    expectThat(red, seen.failed.count === 0, `${name}: failed ${JSON.stringify(seen.failures)}`)
  }

  const probes = startProbes(port)
  const before = await cpuOf(port)
  const flood = await load({ rate: 10 * capacity, seconds })
  const perRefusal = ((await cpuOf(port)) - before - flood.ok.count * perCall) / flood.refused.count
  // What it costs the service's one thread: this tells what an idle machine would do, whatever else ran on this one.
  figures['processor µs of a call, of a refusal'] = [perCall, perRefusal].map((s) => Math.round(s * 1e6)).join(', ')
  note('10 C of many', flood, seconds)
  const goodput = flood.ok.count / seconds / capacity
  figures['10 C of many: goodput, of C'] = Math.round(100 * goodput) / 100
  expectThat(red, goodput >= 0.9, `10 C of many: goodput is ${goodput.toFixed(2)} of C, below 0.90`)
  expectThat(red, flood.ok.p99 < 500, `10 C of many: p99 of the accepted is ${flood.ok.p99} ms, from 500 on`)
  expectThat(red, flood.refused.p99 <= 50, `10 C of many: p99 of the refused is ${flood.refused.p99} ms, above 50`)

  const recovered = await recovers(async () => await load({ rate: capacity / 2, seconds: 0.5 }))
  figures['normal again after ms'] = recovered
  expectThat(red, recovered <= 5000, `Normal again after ${recovered} ms, above 5000`)

  await using bystanders = startGenerator()
  const noise = requestsOf(noisy, port, random)
  const [loud, others] = await Promise.all([
    load({ rate: 10 * capacity, seconds }, noise),
    bystanders.run({ port, seed: random.below(2 ** 31), requests: quiet, rate: capacity / 5, seconds }),
  ])
  note('10 C of one user', loud, seconds)
  note('beside it 0.2 C of others', others, seconds)
  const served = others.ok.count / others.sent
  figures['beside it 0.2 C of others: served'] = Math.round(1000 * served) / 1000
  expectThat(
    red,
    served >= 0.99,
    `Beside a noisy user ${(100 * served).toFixed(1)}% of the others were served, below 99`,
  )
  expectThat(red, others.ok.p99 < 500, `Beside a noisy user p99 of the others is ${others.ok.p99} ms, from 500 on`)

  const health = await probes.end()
  figures['probes of health and metrics'] = health.count
  figures['longest probe ms'] = health.longest
  figures['limit, least and most'] = `${Math.min(...health.limits)}, ${Math.max(...health.limits)}`
  figures['worked on at once, most'] = Math.max(...health.inside)
  expectThat(red, health.bad.length === 0, `Health: ${health.bad.slice(0, 5).join('; ')}`)
  return { figures, red }
}

interface Person {
  token: string
  tasks: string[]
}

async function seedPeople(database: TestDatabase, random: Random): Promise<Person[]> {
  const people = Array.from({ length: USERS + 1 }, () => ({
    id: random.uuid(),
    token: random.token(),
    tasks: Array.from({ length: TASKS }, () => random.uuid()),
  }))
  await using connection = await connectOnce({ address: database.admin, applicationName: 'torture' })
  const { sql } = connection
  for (const { id, token, tasks } of people) {
    await sql`insert into auth.users (id, name, email) values (${id}, 'Somebody', ${`${id}@example.com`})`
    await sql`insert into auth.sessions (user_id, token_hash, expires_at)
      values (${id}, ${createHash('sha256').update(token).digest()}, now() + interval '7 days')`
    await sql`insert into tw.tasks (space_id, id, user_id, title, position, revision, created_at, updated_at)
      select ${id}, task, ${id}, 'A task of some length, as people write them', lpad(to_hex(nr), 8, '0') || '8', 1, now(), now()
      from unnest(${arrayText(tasks)}::uuid[]) with ordinality t(task, nr)`
  }
  await sql`analyze`
  return people
}

/** Six of ten get a task, two list some, two make one. */
function requestsOf({ token, tasks }: Person, port: number, random: Random): string[] {
  const head = `Host: 127.0.0.1:${port}\r\nAuthorization: Bearer ${token}\r\n`
  const query = (path: string, input: unknown): string =>
    `GET /trpc/${path}?input=${encodeURIComponent(JSON.stringify(input))} HTTP/1.1\r\n${head}\r\n`
  const create = (title: string): string => {
    const body = JSON.stringify({ title })
    return `POST /trpc/tasks.create HTTP/1.1\r\n${head}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
  }
  return [
    ...Array.from({ length: 6 }, () => query('tasks.get', { id: random.pick(tasks) })),
    ...[10, 20].map((limit) => query('tasks.list', { limit })),
    ...['Buy milk', 'Write to Ada'].map(create),
  ]
}

/** Seconds of processor that the service has taken. */
async function cpuOf(port: number): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  return Number(/^process_cpu_seconds_total (\S+)/m.exec(text)?.[1])
}

/** How long it takes until half of what it can do is served whole, and in time. */
async function recovers(half: () => Promise<Seen>): Promise<number> {
  const began = performance.now()
  for (;;) {
    const since = performance.now() - began
    const { refused, failed, ok } = await half()
    if ((refused.count === 0 && failed.count === 0 && ok.p99 < 500) || since > 60_000) return Math.round(since)
  }
}

interface Probes {
  end(): Promise<{ count: number; longest: number; bad: string[]; limits: number[]; inside: number[] }>
}

/** Asks for health and figures all the while. */
function startProbes(port: number): Probes {
  const [bad, limits, inside]: [string[], number[], number[]] = [[], [], []]
  const over = new AbortController()
  let [count, longest] = [0, 0]
  async function probe(path: string): Promise<void> {
    const began = performance.now()
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(5000) }).catch(String)
    if (typeof answer === 'string') bad.push(`${path}: ${answer}`)
    else {
      const text = await answer.text().catch(() => '')
      for (const [all, name] of [
        [limits, 'limit'],
        [inside, 'inside'],
      ] as const) {
        const value = new RegExp(`^taskwire_requests_${name} (\\d+)`, 'm').exec(text)?.[1]
        if (value !== undefined) all.push(Number(value))
      }
      if (answer.status !== 200) bad.push(`${path}: ${answer.status}`)
    }
    count++
    longest = Math.max(longest, Math.round(performance.now() - began))
  }
  async function go(): Promise<void> {
    while (!over.signal.aborted) {
      for (const path of ['/health/live', '/health/ready', '/metrics']) await probe(path)
      await pause(200)
    }
  }
  const going = go()
  return {
    async end() {
      over.abort()
      await going
      return { count, longest, bad, limits, inside }
    },
  }
}
