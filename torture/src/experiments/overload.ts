// Measures the capacity C of the service, then sends 10 C from many users, then 10 C from one user beside 0.2 C of
// others.
// Fails if goodput falls below 0.9 C, p99 of accepted calls reaches 500 ms, p99 of refused calls exceeds 50 ms,
// recovery takes over 5 s, fewer than 99 % of the calls of others are served, a call fails in any other way than by a
// refusal, or health or metrics fail meanwhile.

import { createHash } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { startPostgres } from '@taskwire/api/process-testing'
import { arrayText, connectOnce } from '@taskwire/db'
import { createTestDatabase, type TestDatabase } from '@taskwire/db/testing'
import { expectThat, type Options, type Result } from '../experiment.ts'
import type { Load, LoadResult } from '../load.ts'
import { startGenerator, startProgram } from '../load-processes.ts'
import { createRandom, type Random } from '../random.ts'

export const promise =
  'Ten times the capacity is refused quickly, the service keeps its throughput, and a noisy user starves nobody.'
export const negativeControl = 'admission control is off: every request is accepted'

const SECONDS = { short: 5, long: 60 }
/** Users that send the load in every phase, without the noisy one. */
const USERS = 200
const TASKS = 20

export async function run({ seed, size, print, isNegativeControl = false }: Options): Promise<Result> {
  const seconds = SECONDS[size]
  const random = createRandom(seed)
  await using _postgres = await startPostgres()
  await using database = await createTestDatabase()
  const testUsers = await addTestUsers(database, random)
  await using service = await startProgram(database, isNegativeControl ? 'without-admission.ts' : undefined)
  await using generator = startGenerator()
  const { port } = service
  const [noisy, ...users] = testUsers
  if (noisy === undefined) throw new Error('There are no test users')
  const quiet = users.flatMap((user) => requestsOf(user, port, random))
  const load = async (part: Omit<Load, 'port' | 'seed' | 'requests'>, requests = quiet): Promise<LoadResult> =>
    await generator.run({ port, seed: random.below(2 ** 31), requests, ...part })

  await load({ closed: 32, seconds: Math.min(3, seconds) })
  const idle = await cpuOf(port)
  const atCapacity = await load({ closed: 32, seconds: Math.min(10, seconds) })
  const perCall = ((await cpuOf(port)) - idle) / atCapacity.ok.count
  const capacity = atCapacity.ok.count / Math.min(10, seconds)
  print(`capacity C is ${Math.round(capacity)} a second, p99 ${atCapacity.ok.p99} ms`)

  const metrics: Result['metrics'] = {
    capacity: Math.round(capacity),
    'p99 ms at C, 32 requests at a time': atCapacity.ok.p99,
  }
  const violations: string[] = []
  const record = (name: string, result: LoadResult, duration: number): void => {
    print(`${name}: ${JSON.stringify(result)}`)
    metrics[`${name}: ok, refused, failed a second`] = [result.ok, result.refused, result.failed]
      .map(({ count }) => Math.round(count / duration))
      .join(', ')
    metrics[`${name}: p99 ms of accepted calls`] = result.ok.p99
    metrics[`${name}: p99 ms of refused calls`] = result.refused.p99
    metrics[`${name}: requests sent late by the generator`] = result.late
    expectThat(violations, result.failed.count === 0, `${name}: requests failed: ${JSON.stringify(result.failures)}`)
  }

  const probes = startProbes(port)
  const before = await cpuOf(port)
  const flood = await load({ rate: 10 * capacity, seconds })
  const perRefusal = ((await cpuOf(port)) - before - flood.ok.count * perCall) / flood.refused.count
  // CPU time depends less than rates on what else runs on the machine.
  metrics['CPU µs of a call, of a refusal'] = [perCall, perRefusal].map((s) => Math.round(s * 1e6)).join(', ')
  record('10 C from many users', flood, seconds)
  const goodput = flood.ok.count / seconds / capacity
  metrics['10 C from many users: goodput, of C'] = Math.round(100 * goodput) / 100
  expectThat(violations, goodput >= 0.9, `10 C from many users: goodput is ${goodput.toFixed(2)} of C, below 0.90`)
  expectThat(
    violations,
    flood.ok.p99 < 500,
    `10 C from many users: p99 of accepted calls is ${flood.ok.p99} ms, not below 500`,
  )
  expectThat(
    violations,
    flood.refused.p99 <= 50,
    `10 C from many users: p99 of refused calls is ${flood.refused.p99} ms, above 50`,
  )

  const recoveryMs = await measureRecovery(async () => await load({ rate: capacity / 2, seconds: 0.5 }))
  metrics['recovery ms'] = recoveryMs
  expectThat(violations, recoveryMs <= 5000, `recovery took ${recoveryMs} ms, above 5000`)

  await using bystanders = startGenerator()
  const noise = requestsOf(noisy, port, random)
  const [noisyResult, others] = await Promise.all([
    load({ rate: 10 * capacity, seconds }, noise),
    bystanders.run({ port, seed: random.below(2 ** 31), requests: quiet, rate: capacity / 5, seconds }),
  ])
  record('10 C from one user', noisyResult, seconds)
  record('0.2 C from others beside it', others, seconds)
  const served = others.ok.count / others.sent
  metrics['0.2 C from others beside it: served'] = Math.round(1000 * served) / 1000
  expectThat(
    violations,
    served >= 0.99,
    `beside a noisy user ${(100 * served).toFixed(1)}% of the calls of others were served, below 99`,
  )
  expectThat(violations, others.ok.p99 < 500, `beside a noisy user p99 of others is ${others.ok.p99} ms, not below 500`)

  const health = await probes.end()
  metrics['requests to health and metrics'] = health.count
  metrics['longest of them, ms'] = health.longest
  metrics['admission limit, lowest and highest'] = `${Math.min(...health.limits)}, ${Math.max(...health.limits)}`
  metrics['requests accepted at once, highest'] = Math.max(...health.inside)
  expectThat(
    violations,
    health.failures.length === 0,
    `health or metrics failed: ${health.failures.slice(0, 5).join('; ')}`,
  )
  return { metrics, violations }
}

interface TestUser {
  token: string
  tasks: string[]
}

async function addTestUsers(database: TestDatabase, random: Random): Promise<TestUser[]> {
  const users = Array.from({ length: USERS + 1 }, () => ({
    id: random.uuid(),
    token: random.token(),
    tasks: Array.from({ length: TASKS }, () => random.uuid()),
  }))
  await using connection = await connectOnce({ address: database.admin, applicationName: 'torture' })
  const { sql } = connection
  for (const { id, token, tasks } of users) {
    await sql`insert into auth.users (id, name, email) values (${id}, 'Somebody', ${`${id}@example.com`})`
    await sql`insert into auth.sessions (user_id, token_hash, expires_at)
      values (${id}, ${createHash('sha256').update(token).digest()}, now() + interval '7 days')`
    await sql`insert into tw.tasks (space_id, id, user_id, title, position, revision, created_at, updated_at)
      select ${id}, task, ${id}, 'A task of some length, as people write them', lpad(to_hex(nr), 8, '0') || '8', 1, now(), now()
      from unnest(${arrayText(tasks)}::uuid[]) with ordinality t(task, nr)`
  }
  await sql`analyze`
  return users
}

/** Ten requests: six get a task, two list tasks, two create one. */
function requestsOf({ token, tasks }: TestUser, port: number, random: Random): string[] {
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

/** Seconds of CPU time that the service has used. */
async function cpuOf(port: number): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  return Number(/^process_cpu_seconds_total (\S+)/m.exec(text)?.[1])
}

/** Milliseconds until a load of half the capacity is served without refusals and in time. */
async function measureRecovery(sendHalf: () => Promise<LoadResult>): Promise<number> {
  const began = performance.now()
  for (;;) {
    const since = performance.now() - began
    const { refused, failed, ok } = await sendHalf()
    if ((refused.count === 0 && failed.count === 0 && ok.p99 < 500) || since > 60_000) return Math.round(since)
  }
}

interface Probes {
  end(): Promise<{ count: number; longest: number; failures: string[]; limits: number[]; inside: number[] }>
}

/** Requests health and metrics repeatedly until ended. */
function startProbes(port: number): Probes {
  const [failures, limits, inside]: [string[], number[], number[]] = [[], [], []]
  const stopping = new AbortController()
  let [count, longest] = [0, 0]
  async function probe(path: string): Promise<void> {
    const began = performance.now()
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(5000) }).catch(String)
    if (typeof response === 'string') failures.push(`${path}: ${response}`)
    else {
      const text = await response.text().catch(() => '')
      for (const [values, name] of [
        [limits, 'limit'],
        [inside, 'inside'],
      ] as const) {
        const value = new RegExp(`^taskwire_requests_${name} (\\d+)`, 'm').exec(text)?.[1]
        if (value !== undefined) values.push(Number(value))
      }
      if (response.status !== 200) failures.push(`${path}: ${response.status}`)
    }
    count++
    longest = Math.max(longest, Math.round(performance.now() - began))
  }
  async function probeAll(): Promise<void> {
    while (!stopping.signal.aborted) {
      for (const path of ['/health/live', '/health/ready', '/metrics']) await probe(path)
      await pause(200)
    }
  }
  const probing = probeAll()
  return {
    async end() {
      stopping.abort()
      await probing
      return { count, longest, failures, limits, inside }
    },
  }
}
