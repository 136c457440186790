// Large accounts send searches, sorts, counts, exports and bulk calls without pause, beside short calls of other users.
// Fails if a short call is refused or fails, a slow call fails, more than one slow call runs at once, or (long form)
// p99 of the short calls is more than 3 times as high as without slow calls.

import { createHash } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { arrayText, connectOnce } from '@taskwire/db'
import { createTestDatabase, type TestDatabase } from '@taskwire/db/testing'
import { expectThat, type Options, type Result } from '../experiment.ts'
import type { LoadResult } from '../load.ts'
import { startGenerator, startProgram } from '../load-processes.ts'
import { createRandom, type Random } from '../random.ts'
import { testServer } from '../test-server.ts'

export const promise =
  'Searches, sorts, counts, exports and bulk calls of large accounts do not delay the short calls of others.'
export const negativeControl = 'there is no limit on slow calls'

/**
 * `accounts`: how many large accounts take part, in one round for each number. `rate`: short calls of others a second.
 */
const SIZES = {
  short: { accounts: [2], tasks: 20_000, seconds: 3, rate: 40 },
  long: { accounts: [1, 4, 16], tasks: 50_000, seconds: 20, rate: 100 },
}
/** Concurrent calls of each large account. */
const CONCURRENCY = 6
const OTHERS = 50
const TASKS_OF_OTHERS = 20
/** Slow calls that may run at once: one per 20 connections of the service. */
const MAX_SLOW = 1
/** How many times as high p99 of the short calls may be beside slow calls as without. */
const MAX_RATIO = 3

export async function run({ seed, size, print, isNegativeControl = false }: Options): Promise<Result> {
  const { accounts, tasks, seconds, rate } = SIZES[size]
  const random = createRandom(seed)
  await using _server = await testServer()
  await using database = await createTestDatabase()
  const large = await addUsers(database, random, Math.max(...accounts), tasks)
  const others = await addUsers(database, random, OTHERS, TASKS_OF_OTHERS)
  await using service = await startProgram(database, isNegativeControl ? 'without-slow-limit.ts' : undefined)
  await using generator = startGenerator()
  await using noise = startGenerator()
  const { port } = service
  const short = others.flatMap((user) => shortCalls(user, port, random))
  const callShort = async (forSeconds = seconds): Promise<LoadResult> =>
    await generator.run({ port, seed: random.below(2 ** 31), requests: short, rate, seconds: forSeconds })

  const metrics: Result['metrics'] = {}
  const violations: string[] = []
  await callShort(Math.min(3, seconds))
  for (const count of accounts) {
    const alone = await callShort()
    const callers = large.slice(0, count)
    const requests = callers.flatMap((user) => slowCalls(user, port))
    const watch = watchSlow(database, port)
    const load = { port, seed: random.below(2 ** 31), requests, closed: CONCURRENCY * count }
    const [slow, beside] = await Promise.all([noise.run({ ...load, seconds: seconds + 2 }), delay(1000, callShort)])
    const observed = await watch.end()
    const name = `${count} × ${tasks} tasks`
    print(`${name}: ${JSON.stringify({ alone, beside, slow, observed })}`)
    metrics[`${name}: short calls, p50 and p99 ms alone`] = `${alone.ok.p50}, ${alone.ok.p99}`
    metrics[`${name}: short calls, p50 and p99 ms beside`] = `${beside.ok.p50}, ${beside.ok.p99}`
    const ratio = Math.round((10 * beside.ok.p99) / alone.ok.p99) / 10
    metrics[`${name}: p99 beside, relative to alone`] = ratio
    metrics[`${name}: slow calls ok and refused a second`] = [slow.ok, slow.refused]
      .map(({ count: calls }) => Math.round((10 * calls) / (seconds + 2)) / 10)
      .join(', ')
    metrics[`${name}: slow calls at once, median`] = observed.atOnce
    metrics[`${name}: slow calls waiting, highest`] = observed.waiting
    expectThat(violations, slow.failed.count === 0, `${name}: slow calls failed ${JSON.stringify(slow.failures)}`)
    const lost = beside.refused.count + beside.failed.count
    expectThat(violations, lost === 0, `${name}: ${lost} short calls of others were refused or failed`)
    expectThat(violations, observed.atOnce <= MAX_SLOW, `${name}: ${observed.atOnce} slow calls ran at once`)
    if (size === 'long')
      expectThat(violations, ratio <= MAX_RATIO, `${name}: short calls took ${ratio} times as long, above ${MAX_RATIO}`)
  }
  return { metrics, violations }
}

async function delay<T>(ms: number, work: () => Promise<T>): Promise<T> {
  await pause(ms)
  return await work()
}

interface User {
  token: string
  /** Ids of some of the user's tasks. */
  tasks: string[]
}

async function addUsers(database: TestDatabase, random: Random, count: number, tasks: number): Promise<User[]> {
  await using connection = await connectOnce({ address: database.admin, applicationName: 'torture' })
  const { sql } = connection
  const users: User[] = []
  for (let nr = 0; nr < count; nr++) {
    const [id, token] = [random.uuid(), random.token()]
    await sql`insert into auth.users (id, name, email) values (${id}, 'Somebody', ${`${id}@example.com`})`
    await sql`insert into auth.sessions (user_id, token_hash, expires_at)
      values (${id}, ${createHash('sha256').update(token).digest()}, now() + interval '7 days')`
    const words = Array.from({ length: 200 }, () => random.uuid().slice(0, 6))
    const made = await sql<{ id: string }[]>`insert into tw.tasks
        (space_id, id, user_id, title, description, priority, tags, tag_keys, due_date, position, revision, created_at, updated_at)
      select ${id}, gen_random_uuid(), ${id}, 'A task about ' || w[1 + n % 200] || ' and ' || w[1 + n * 7 % 199], repeat('words ', n % 20), n % 5,
        array['t' || n % 100], array['t' || n % 100], d, tw.position_text(2147483648 + n), 1,
        now() - n * interval '1 minute', now()
      from generate_series(1, ${tasks}::int) n, (select ${arrayText(words)}::text[]) x(w),
        lateral (select case when n % 3 > 0 then current_date + n % 300 end) y(d)
      returning id`
    users.push({ token, tasks: made.slice(0, TASKS_OF_OTHERS).map((task) => task.id) })
  }
  await sql`vacuum analyze tw.tasks`
  return users
}

const query = (path: string, input: unknown) => ({ path: `${path}?input=${encodeURIComponent(JSON.stringify(input))}` })
const mutation = (path: string, input: unknown) => ({ path, body: JSON.stringify(input) })

function requestOf({ token }: User, port: number, { path, body }: { path: string; body?: string }): string {
  const head = `/trpc/${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${token}\r\n`
  return body === undefined
    ? `GET ${head}\r\n`
    : `POST ${head}Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
}

function shortCalls(user: User, port: number, random: Random): string[] {
  const calls = [
    query('tasks.list', { limit: 20 }),
    query('tasks.get', { id: random.pick(user.tasks) }),
    mutation('tasks.create', { title: 'Buy milk' }),
  ]
  return calls.map((call) => requestOf(user, port, call))
}

function slowCalls(user: User, port: number): string[] {
  const filter = { tags: { any: ['t7', 't8'] } }
  const calls = [
    query('tasks.list', { filter: { search: 'task' }, sort: { by: 'title', direction: 'asc' } }),
    query('tasks.list', { filter: { search: 'about words' } }),
    query('tasks.list', { sort: { by: 'title', direction: 'asc' } }),
    query('tasks.list', { sort: { by: 'priority', direction: 'desc' }, limit: 100 }),
    query('tasks.count', {}),
    query('tags.list', {}),
    query('me.export', {}),
    mutation('tasks.bulk', {
      filter,
      action: { type: 'update', changes: { priority: 'low' } },
      maxAffected: 10_000,
      dryRun: true,
    }),
  ]
  return calls.map((call) => requestOf(user, port, call))
}

interface ObservedSlow {
  /**
   * Median of all samples. A single sample may count both a call that ends and the next one, because PostgreSQL reads
   * the states of its processes one after the other.
   */
  atOnce: number
  /** Highest number of waiting slow calls. */
  waiting: number
}

/** Matches the statements of the slow calls, and none of the short ones. */
const SLOW = 'search_locations|und-x-icu|order by t.priority|as overdue|with ordinality k|up_to|tag_keys &&'

/** Samples how many slow statements PostgreSQL runs and how many slow calls wait in the service. */
function watchSlow({ admin, name }: TestDatabase, port: number): { end(): Promise<ObservedSlow> } {
  const running: number[] = []
  const waiting: number[] = []
  const stopping = new AbortController()
  async function watch(): Promise<void> {
    await using connection = await connectOnce({ address: admin, applicationName: 'torture' })
    while (!stopping.signal.aborted) {
      const [row] = await connection.sql<{ count: number }[]>`select count(*)::int as count from pg_stat_activity
        where datname = ${name} and usename = 'taskwire_app' and state = 'active' and query ~ ${SLOW}`
      const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
      running.push(row?.count ?? 0)
      waiting.push(Number(/^taskwire_slow_waiting (\d+)$/m.exec(text)?.[1]))
      await pause(50)
    }
  }
  const watching = watch()
  return {
    async end() {
      stopping.abort()
      await watching
      return { atOnce: running.toSorted((a, b) => a - b)[running.length >> 1] ?? 0, waiting: Math.max(0, ...waiting) }
    },
  }
}
