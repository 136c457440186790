// Sends inputs that cost more than their length suggests (deep nesting, many fields, long runs of combining marks,
// large batches) at several sizes, one at a time, with a valid, an invented and no credential. The service measures its
// own event loop.
// Fails if an input blocks the event loop for more than 100 ms of CPU time in each of 4 attempts, or has a 5xx response
// other than 503 or 504; if /health/live fails meanwhile; or if the service does not stop cleanly.

import { once } from 'node:events'
import { Agent, type IncomingMessage, request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { settingsFor } from '@taskwire/api/process-testing'
import { connectOnce } from '@taskwire/db'
import { createTestDatabase } from '@taskwire/db/testing'
import { type Bomb, bombsOf } from '../bombs.ts'
import { expectThat, type Options, type Result } from '../experiment.ts'
import { createRandom, type Random } from '../random.ts'
import { testServer } from '../test-server.ts'
import { startWatched } from '../watched.ts'

export const promise = 'No input blocks the event loop for more than 100 ms, with or without a credential.'
export const negativeControl = 'the limits on the structure of JSON and text are removed'

const MAX_BLOCKED_MS = 100
/** Only an input that blocks the event loop in every attempt counts: a pause of the machine does not repeat. */
const ATTEMPTS = 4
const SIZES = {
  short: [12_000, 4 * 1024 * 1024],
  long: [1000, 4000, 12_000, 64 * 1024, 256 * 1024, 1024 * 1024, 4 * 1024 * 1024],
}
/** Kinds of credential. With each, one bomb in so many is sent. */
const CREDENTIALS = {
  valid: { short: 3, long: 1 },
  invented: { short: 6, long: 1 },
  none: { short: 12, long: 2 },
} as const

export async function run({ seed, size, isNegativeControl = false, print }: Options): Promise<Result> {
  await using _server = await testServer()
  await using database = await createTestDatabase()
  const env = { ...settingsFor(database), RATE_LIMIT_PER_MINUTE: '10000000', LOG_LEVEL: 'error', WARM_UP: 'false' }
  await using service = await startWatched(env, { hasLimits: !isNegativeControl })
  const { url } = service
  const random = createRandom(seed)
  const valid = await addSession(database.admin, random)
  await using probe = probeHealth(url)
  const violations: string[] = []
  const slowest: { name: string; ms: number }[] = []
  let [sent, built, refusedForLoad] = [0, 0, 0]
  for (const bytes of SIZES[size]) {
    for (const [name, build] of Object.entries(bombsOf(bytes, random))) {
      built++
      for (const [credential, every] of Object.entries(CREDENTIALS)) {
        if ((built + seed) % every[size] !== 0 || (isNegativeControl && violations.length > 0)) continue
        const token = { valid, none: undefined, invented: random.token() }[credential]
        const what = `${name}, ${bytes} bytes, credential: ${credential}`
        let least = Infinity
        for (let attempts = 0; attempts < ATTEMPTS && least > MAX_BLOCKED_MS; attempts++) {
          const bomb = build()
          await service.blockedMs()
          const status = await send(url, bomb, token)
          sent++
          // On a busy machine, a statement may exceed its deadline.
          if (status === 503 || status === 504) refusedForLoad++
          else if (status >= 500) violations.push(`status ${status} for ${what}`)
          least = Math.min(least, await service.blockedMs())
        }
        slowest.push({ name: what, ms: least })
        if (least > MAX_BLOCKED_MS) violations.push(`the event loop was blocked for ${Math.round(least)} ms by ${what}`)
      }
    }
    print(`${bytes} bytes: ${sent} sent, ${violations.length} violations`)
  }
  const health = await probe.end()
  expectThat(violations, health.failed === 0, `/health/live failed ${health.failed} times`)
  expectThat(violations, (await service.end()) === 0, 'the service did not exit with 0 when stopped')
  slowest.sort((a, b) => b.ms - a.ms)
  const longest = slowest.slice(0, 8).map(({ name, ms }) => [`blocked, ms: ${name}`, Math.round(ms)] as const)
  return {
    metrics: {
      sent,
      'OVERLOADED or TIMEOUT': refusedForLoad,
      'health, responses': health.responses,
      'health, slowest ms': health.slowest,
      ...Object.fromEntries(longest),
    },
    violations,
  }
}

async function addSession(address: Parameters<typeof connectOnce>[0]['address'], random: Random): Promise<string> {
  const [id, token] = [random.uuid(), random.token()]
  await using connection = await connectOnce({ address, applicationName: 'torture' })
  await connection.sql`insert into auth.users (id, name, email) values (${id}, 'Bombs', ${`${id}@example.com`})`
  await connection.sql`insert into auth.sessions (user_id, token_hash, expires_at)
    values (${id}, sha256(convert_to(${token}, 'UTF8')), now() + interval '1 day')`
  return token
}

const agent = new Agent({ keepAlive: true, maxSockets: 1 })

async function send(url: string, { path, method, body, headers = {} }: Bomb, token?: string): Promise<number> {
  const address = path.startsWith('/') ? path : `/trpc/${path}`
  const query = method === 'GET' ? `${address.includes('?') ? '&' : '?'}input=${encodeURIComponent(body)}` : ''
  const sending = request(url, {
    method,
    path: `${address}${query}`,
    agent,
    headers: {
      ...headers,
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(method === 'GET' ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
    },
  })
  // If the service refuses a request for its head, it closes the connection while the body is still being sent.
  sending.on('error', () => {})
  const answered = once(sending, 'response', { signal: AbortSignal.timeout(60_000) })
  sending.end(method === 'GET' ? undefined : body)
  const [response] = (await answered) as [IncomingMessage]
  response.on('error', () => {}).resume()
  await once(response, 'close')
  return response.statusCode ?? 0
}

interface Probe extends AsyncDisposable {
  end(): Promise<{ responses: number; failed: number; slowest: number }>
}

/** Requests /health/live repeatedly until ended. */
function probeHealth(url: string): Probe {
  const stopping = new AbortController()
  let [responses, failed, slowest] = [0, 0, 0]
  async function probe(): Promise<void> {
    while (!stopping.signal.aborted) {
      const began = performance.now()
      const response = await fetch(`${url}/health/live`, { signal: AbortSignal.timeout(5000) }).catch(() => undefined)
      await response?.arrayBuffer().catch(() => {})
      if (response?.status === 200) responses++
      else failed++
      slowest = Math.max(slowest, Math.round(performance.now() - began))
      await pause(20)
    }
  }
  const probing = probe()
  async function end(): Promise<{ responses: number; failed: number; slowest: number }> {
    stopping.abort()
    await probing
    return { responses, failed, slowest }
  }
  return { end, [Symbol.asyncDispose]: async () => void (await end()) }
}
